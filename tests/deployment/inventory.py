"""What exists in an AWS account, as one set: compared before a deployment and after its destruction."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from emulator.server import Emulator

DEPLOYER = "deployer"
"""In the names of the role that deploys and of its policies, which are there before anything is deployed."""


def inventory(emulator: Emulator) -> set[str]:
    """Every resource of every service that the stacks use, as `service kind id`.

    KMS keys that wait for their deletion count as gone: AWS deletes none at once.
    """
    client = emulator.client
    ec2, iam, elb = client("ec2"), client("iam"), client("elbv2")
    kms, logs, sqs = client("kms"), client("logs"), client("sqs")
    cognito, apis, events = client("cognito-idp"), client("apigatewayv2"), client("events")
    rds, ecs, secrets = client("rds"), client("ecs"), client("secretsmanager")
    found: dict[str, Iterable[str]] = {
        "s3 bucket": (item["Name"] for item in client("s3").list_buckets()["Buckets"]),
        "dynamodb table": client("dynamodb").list_tables()["TableNames"],
        "kms key": (item["KeyId"] for item in kms.list_keys()["Keys"] if _in_use(kms, item["KeyId"])),
        "kms alias": (item["AliasName"] for item in kms.list_aliases()["Aliases"]),
        "lambda function": (item["FunctionName"] for item in client("lambda").list_functions()["Functions"]),
        "iam role": (item["RoleName"] for item in iam.list_roles()["Roles"]),
        "iam policy": (item["Arn"] for item in iam.list_policies(Scope="Local")["Policies"]),
        "logs group": (item["logGroupName"] for item in logs.describe_log_groups()["logGroups"]),
        "events rule": (item["Name"] for item in events.list_rules()["Rules"]),
        "sqs queue": sqs.list_queues().get("QueueUrls", []),
        "cognito pool": (item["Id"] for item in cognito.list_user_pools(MaxResults=60)["UserPools"]),
        "apigateway api": (item["ApiId"] for item in apis.get_apis()["Items"]),
        "secrets secret": (item["Name"] for item in secrets.list_secrets()["SecretList"]),
        "rds cluster": (item["DBClusterIdentifier"] for item in rds.describe_db_clusters()["DBClusters"]),
        "rds instance": (item["DBInstanceIdentifier"] for item in rds.describe_db_instances()["DBInstances"]),
        "ecs cluster": ecs.list_clusters()["clusterArns"],
        "acm certificate": (
            item["CertificateArn"] for item in client("acm").list_certificates()["CertificateSummaryList"]
        ),
        "route53 record": _records(client("route53")),
        "elb": (item["LoadBalancerArn"] for item in elb.describe_load_balancers()["LoadBalancers"]),
        "elb target group": (item["TargetGroupArn"] for item in elb.describe_target_groups()["TargetGroups"]),
        "ec2 vpc": _ids(ec2.describe_vpcs, "Vpcs", "VpcId"),
        "ec2 subnet": _ids(ec2.describe_subnets, "Subnets", "SubnetId"),
        "ec2 security group": _ids(ec2.describe_security_groups, "SecurityGroups", "GroupId"),
        "ec2 route table": _ids(ec2.describe_route_tables, "RouteTables", "RouteTableId"),
        "ec2 endpoint": _ids(ec2.describe_vpc_endpoints, "VpcEndpoints", "VpcEndpointId"),
        "ec2 flow log": _ids(ec2.describe_flow_logs, "FlowLogs", "FlowLogId"),
        "ec2 internet gateway": _ids(ec2.describe_internet_gateways, "InternetGateways", "InternetGatewayId"),
        "ec2 address": _ids(ec2.describe_addresses, "Addresses", "AllocationId"),
        "ec2 nat gateway": (
            item["NatGatewayId"]
            for item in ec2.describe_nat_gateways()["NatGateways"]
            if item["State"] != "deleted"
        ),
    }
    return {f"{kind} {id_}" for kind, ids in found.items() for id_ in ids if DEPLOYER not in id_}


def _ids(call: Callable[[], Any], field: str, key: str) -> Iterable[str]:
    return (item[key] for item in call()[field])


def _records(route53: Any) -> Iterable[str]:
    """What hosted zones have beside what each is made with."""
    for zone in route53.list_hosted_zones()["HostedZones"]:
        for record in route53.list_resource_record_sets(HostedZoneId=zone["Id"])["ResourceRecordSets"]:
            if record["Type"] not in {"NS", "SOA"}:
                yield f"{record['Name']} {record['Type']}"


def _in_use(kms: Any, key_id: str) -> bool:
    return bool(kms.describe_key(KeyId=key_id)["KeyMetadata"]["KeyState"] != "PendingDeletion")
