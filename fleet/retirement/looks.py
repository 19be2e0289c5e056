"""How AWS is asked, type by type, whether a resource is still there.

Types that are no resource of their own, such as a bucket's policy, go with the one that they are part of.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from botocore.exceptions import ClientError

from fleet.retirement.context import Client

GONE: Final = re.compile(r"NotFound|NoSuch|NonExistent|DoesNotExist|\.NotExist|^404$")
"""In the code of the error with which a service says that there is no such thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """A resource that AWS still knows.

    Attributes:
        until: when it is gone by itself, in UTC; `None` where it stays.
    """

    until: str | None = None


Answer = There | None
Identity = Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How AWS is asked for one resource of a type.

    Attributes:
        service: as boto3 names it.
        ask: returns what AWS says of the resource; raises what AWS answers where there is none.
    """

    service: str
    ask: Callable[[Client, Identity], Answer]

    def at(self, client: Client, identity: Identity) -> Answer:
        """Return what AWS says of the resource; `None` where it is gone.

        Raises:
            ClientError: AWS refuses to say.
        """
        try:
            return self.ask(client, identity)
        except ClientError as error:
            if GONE.search(str(error.response.get("Error", {}).get("Code", ""))):
                return None
            raise


def in_utc(time: datetime | None) -> str | None:
    """Return a time as AWS's SDK has it, to the second."""
    return None if time is None else time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _known(operation: str, parameter: str) -> Callable[[Client, Identity], Answer]:
    """Return a look by an operation that fails where there is no such resource."""

    def ask(client: Client, identity: Identity) -> Answer:
        getattr(client, operation)(**{parameter: identity["id"]})
        return There()

    return ask


def _listed(operation: str, parameter: str, result: str, key: str) -> Callable[[Client, Identity], Answer]:
    """Return a look by an operation that lists what there is of that name, or begins with it."""

    def ask(client: Client, identity: Identity) -> Answer:
        name = identity["id"]
        many = parameter.endswith("s")
        found = getattr(client, operation)(**{parameter: [name] if many else name})[result]
        return There() if any(entry[key] == name for entry in found) else None

    return ask


def _key(client: Client, identity: Identity) -> Answer:
    metadata = client.describe_key(KeyId=identity["id"])["KeyMetadata"]
    pending = metadata["KeyState"] == "PendingDeletion"
    return There(until=in_utc(metadata.get("DeletionDate")) if pending else None)


def _secret(client: Client, identity: Identity) -> Answer:
    found = client.describe_secret(SecretId=identity["id"])
    deleted = found.get("DeletedDate")
    return There(until=in_utc(deleted))


def _endpoint(client: Client, identity: Identity) -> Answer:
    found = client.describe_vpc_endpoints(VpcEndpointIds=[identity["id"]])["VpcEndpoints"]
    return There() if any(entry["State"].lower() != "deleted" for entry in found) else None


def _service(client: Client, identity: Identity) -> Answer:
    cluster, service = identity["id"].split("/")[-2:]
    found = client.describe_services(cluster=cluster, services=[service])["services"]
    return There() if any(entry["status"] != "INACTIVE" for entry in found) else None


def _task_definition(client: Client, identity: Identity) -> Answer:
    # An inactive one is kept by ECS, and runs nothing any more.
    found = client.describe_task_definition(taskDefinition=identity["arn"])["taskDefinition"]
    return There() if found["status"] == "ACTIVE" else None


def _target(client: Client, identity: Identity) -> Answer:
    found = client.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[identity["id"]])
    return There() if found["ScalableTargets"] else None


def _vault(client: Client, identity: Identity) -> Answer:
    # Asked for one that is not there, AWS Backup says that access is denied.
    pages = client.get_paginator("list_backup_vaults").paginate()
    names = {entry["BackupVaultName"] for page in pages for entry in page["BackupVaultList"]}
    return There() if identity["id"] in names else None


def _plan(client: Client, identity: Identity) -> Answer:
    found = client.get_backup_plan(BackupPlanId=identity["id"])
    return None if found.get("DeletionDate") else There()


def _rule(client: Client, identity: Identity) -> Answer:
    bus, _, name = identity["id"].rpartition("/")
    client.describe_rule(Name=name, **({"EventBusName": bus} if bus else {}))
    return There()


def _budget(client: Client, identity: Identity) -> Answer:
    account, _, name = identity["id"].partition(":")
    client.describe_budget(AccountId=account, BudgetName=name)
    return There()


def _dashboard(client: Client, identity: Identity) -> Answer:
    client.get_dashboard(DashboardName=identity["id"])
    return There()


def _ec2(what: str, ids: str, key: str) -> Look:
    return Look(service="ec2", ask=_listed(f"describe_{what}", ids, _camel(what), key))


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("_"))


LOOKS: Final[Mapping[str, Look]] = {
    "aws_apigatewayv2_api": Look(service="apigatewayv2", ask=_known("get_api", "ApiId")),
    "aws_appautoscaling_target": Look(service="application-autoscaling", ask=_target),
    "aws_backup_plan": Look(service="backup", ask=_plan),
    "aws_backup_vault": Look(service="backup", ask=_vault),
    "aws_budgets_budget": Look(service="budgets", ask=_budget),
    "aws_cloudwatch_dashboard": Look(service="cloudwatch", ask=_dashboard),
    "aws_cloudwatch_event_rule": Look(service="events", ask=_rule),
    "aws_cloudwatch_log_group": Look(
        service="logs",
        ask=_listed("describe_log_groups", "logGroupNamePrefix", "logGroups", "logGroupName"),
    ),
    "aws_cloudwatch_metric_alarm": Look(
        service="cloudwatch", ask=_listed("describe_alarms", "AlarmNames", "MetricAlarms", "AlarmName")
    ),
    "aws_cognito_user_pool": Look(service="cognito-idp", ask=_known("describe_user_pool", "UserPoolId")),
    "aws_dynamodb_table": Look(service="dynamodb", ask=_known("describe_table", "TableName")),
    "aws_ecs_service": Look(service="ecs", ask=_service),
    "aws_ecs_task_definition": Look(service="ecs", ask=_task_definition),
    "aws_flow_log": _ec2("flow_logs", "FlowLogIds", "FlowLogId"),
    "aws_iam_role": Look(service="iam", ask=_known("get_role", "RoleName")),
    "aws_kms_alias": Look(service="kms", ask=_known("describe_key", "KeyId")),
    "aws_kms_key": Look(service="kms", ask=_key),
    "aws_lambda_function": Look(service="lambda", ask=_known("get_function", "FunctionName")),
    "aws_lb_listener_rule": Look(
        service="elbv2", ask=_listed("describe_rules", "RuleArns", "Rules", "RuleArn")
    ),
    "aws_lb_target_group": Look(
        service="elbv2",
        ask=_listed("describe_target_groups", "TargetGroupArns", "TargetGroups", "TargetGroupArn"),
    ),
    "aws_route_table": _ec2("route_tables", "RouteTableIds", "RouteTableId"),
    "aws_s3_bucket": Look(service="s3", ask=_known("head_bucket", "Bucket")),
    "aws_secretsmanager_secret": Look(service="secretsmanager", ask=_secret),
    "aws_security_group": _ec2("security_groups", "GroupIds", "GroupId"),
    "aws_sqs_queue": Look(service="sqs", ask=_known("get_queue_attributes", "QueueUrl")),
    "aws_subnet": _ec2("subnets", "SubnetIds", "SubnetId"),
    "aws_vpc": _ec2("vpcs", "VpcIds", "VpcId"),
    "aws_vpc_endpoint": Look(service="ec2", ask=_endpoint),
}
"""How AWS is asked, by type."""

PARTS: Final = frozenset(
    {
        "aws_apigatewayv2_authorizer",
        "aws_apigatewayv2_integration",
        "aws_apigatewayv2_route",
        "aws_apigatewayv2_stage",
        "aws_appautoscaling_policy",
        "aws_backup_selection",
        "aws_backup_vault_policy",
        "aws_cloudwatch_event_target",
        "aws_cognito_user_pool_client",
        "aws_default_security_group",
        "aws_dynamodb_contributor_insights",
        "aws_iam_role_policy",
        "aws_lambda_invocation",
        "aws_lambda_permission",
        "aws_route_table_association",
        "aws_s3_bucket_intelligent_tiering_configuration",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_policy",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_secretsmanager_secret_policy",
        "aws_sqs_queue_policy",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
    }
)
"""Types of what goes with the resource that it is part of, or is a call that was made."""
