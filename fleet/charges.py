"""What each resource of a stack costs while nobody uses it, and why the others cost nothing then."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from fleet.counting import tasks
from fleet.synthesized import Resource, SynthesizedStack
from fleet.uses import CPU_UNITS_A_VCPU, insights_rules, interface_addresses

MEGABYTES_A_GIGABYTE: Final = 1024
SHORT_SECONDS: Final = 60
"""An alarm that looks more often costs more."""


@dataclass(frozen=True, slots=True)
class Charge:
    """What one resource costs.

    Attributes:
        owner: the tenant that has the resource to itself; `None` where none has.
        price: its name in `facts.prices`.
        number: how many of what the price is for.
    """

    owner: str | None
    price: str
    number: Decimal


Charging = Callable[[SynthesizedStack], Iterator[Charge]]


def _charge(stack: SynthesizedStack, resource: Resource, price: str, number: Decimal | int = 1) -> Charge:
    return Charge(stack.owner(resource), price, Decimal(number))


def _each(kind: str, price: str) -> Charging:
    return lambda stack: (_charge(stack, resource, price) for resource in stack.all(kind).values())


def _endpoints(stack: SynthesizedStack) -> Iterator[Charge]:
    for endpoint in stack.all("aws_vpc_endpoint").values():
        if zones := interface_addresses(endpoint):
            yield _charge(stack, endpoint, "interface endpoint in a zone", zones)


def _balancers(stack: SynthesizedStack) -> Iterator[Charge]:
    for balancer in stack.all("aws_lb").values():
        yield _charge(stack, balancer, "application load balancer")
        if not balancer.get("internal", False):
            # AWS gives it one in each subnet, and more under load.
            yield _charge(stack, balancer, "public IPv4 address", len(balancer.get("subnets", ())))


def _services(stack: SynthesizedStack) -> Iterator[Charge]:
    for service, definition, least, _ in tasks(stack):
        architecture = (definition.get("runtime_platform") or {}).get("cpu_architecture", "X86_64")
        cpu = Decimal(least * int(definition.get("cpu", 0))) / CPU_UNITS_A_VCPU
        memory = Decimal(least * int(definition.get("memory", 0))) / MEGABYTES_A_GIGABYTE
        yield _charge(stack, service, f"Fargate vCPU, {architecture}", cpu)
        yield _charge(stack, service, f"Fargate GB of memory, {architecture}", memory)


def _database(stack: SynthesizedStack) -> Iterator[Charge]:
    for instance in stack.all("aws_rds_cluster_instance").values():
        engine = str(instance.get("engine", "")).replace("aurora-postgresql", "Aurora PostgreSQL")
        yield _charge(stack, instance, f"{engine} {instance.get('instance_class')}")
    for cluster in stack.all("aws_rds_cluster").values():
        if cluster.get("manage_master_user_password"):
            # https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html, 2026-11-27
            yield _charge(stack, cluster, "secret")


def _insights(stack: SynthesizedStack) -> Iterator[Charge]:
    for insights in stack.all("aws_dynamodb_contributor_insights").values():
        yield _charge(stack, insights, "contributor insights rule", insights_rules(stack, insights))


def _web_acls(stack: SynthesizedStack) -> Iterator[Charge]:
    for acl in stack.all("aws_wafv2_web_acl").values():
        yield _charge(stack, acl, "web ACL")
        yield _charge(stack, acl, "rule of a web ACL", len(acl.get("rule", ())))


def _alarms(stack: SynthesizedStack) -> Iterator[Charge]:
    for alarm in stack.all("aws_cloudwatch_metric_alarm").values():
        short = int(alarm.get("period") or SHORT_SECONDS) < SHORT_SECONDS
        yield _charge(
            stack,
            alarm,
            "alarm on less than a minute" if short else "alarm",
            max(len(alarm.get("metric_query") or ()), 1),
        )


CHARGED: Final[Mapping[str, Charging]] = {
    "aws_cloudwatch_composite_alarm": _each("aws_cloudwatch_composite_alarm", "composite alarm"),
    "aws_cloudwatch_dashboard": _each("aws_cloudwatch_dashboard", "dashboard"),
    "aws_cloudwatch_metric_alarm": _alarms,
    "aws_dynamodb_contributor_insights": _insights,
    "aws_ecs_service": _services,
    "aws_eip": _each("aws_eip", "public IPv4 address"),
    "aws_kms_key": _each("aws_kms_key", "KMS key"),
    "aws_lb": _balancers,
    "aws_nat_gateway": _each("aws_nat_gateway", "NAT gateway"),
    # With its cluster's password.
    "aws_rds_cluster_instance": _database,
    "aws_secretsmanager_secret": _each("aws_secretsmanager_secret", "secret"),
    "aws_vpc_endpoint": _endpoints,
    "aws_wafv2_web_acl": _web_acls,
}
"""What the resources of a type cost, by the type."""

BY_USE: Final[Mapping[str, str]] = {
    "aws_apigatewayv2_api": "requests",
    "aws_backup_vault": "storage of backups, and their copies to another region",
    "aws_cloudwatch_event_rule": "events of one's own",
    "aws_cloudwatch_log_group": "logs that come in and are kept",
    "aws_cloudwatch_log_metric_filter": "metrics that it writes",
    "aws_codebuild_project": "minutes of builds",
    "aws_cognito_user_pool": "users who sign in",
    "aws_dynamodb_table": "requests, storage and backups",
    "aws_flow_log": "logs that it writes",
    "aws_lambda_function": "requests and their duration",
    "aws_rds_cluster": "storage, input and output, backups",
    "aws_route53_record": "queries",
    "aws_s3_bucket": "requests and storage",
    "aws_sfn_state_machine": "transitions between states",
    "aws_sns_topic": "messages",
    "aws_sqs_queue": "messages",
    "aws_wafv2_web_acl_logging_configuration": "logs that it writes",
}
"""What costs by use alone, by type: what is paid for."""

FREE: Final = frozenset(
    {
        # A public certificate that stays in AWS.
        "aws_acm_certificate",
        "aws_acm_certificate_validation",
        "aws_apigatewayv2_authorizer",
        "aws_apigatewayv2_integration",
        "aws_apigatewayv2_route",
        "aws_apigatewayv2_stage",
        "aws_appautoscaling_policy",
        "aws_appautoscaling_target",
        "aws_backup_plan",
        "aws_backup_selection",
        "aws_backup_vault_policy",
        # Without actions of its own.
        "aws_budgets_budget",
        "aws_cloudwatch_event_bus",
        "aws_cloudwatch_event_target",
        "aws_cognito_resource_server",
        "aws_cognito_user_pool_client",
        "aws_cognito_user_pool_domain",
        "aws_db_subnet_group",
        "aws_default_security_group",
        "aws_ecs_cluster",
        "aws_ecs_cluster_capacity_providers",
        "aws_ecs_task_definition",
        "aws_iam_policy",
        "aws_iam_role",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_internet_gateway",
        "aws_kms_alias",
        "aws_kms_key_policy",
        "aws_lambda_alias",
        "aws_lambda_function_event_invoke_config",
        "aws_lambda_invocation",
        "aws_lambda_permission",
        "aws_lb_listener",
        "aws_lb_listener_certificate",
        "aws_lb_listener_rule",
        "aws_lb_target_group",
        "aws_rds_cluster_parameter_group",
        "aws_route",
        "aws_route_table",
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
        "aws_security_group",
        "aws_sns_topic_policy",
        "aws_sns_topic_subscription",
        "aws_sqs_queue_policy",
        "aws_subnet",
        "aws_vpc",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
        "aws_wafv2_web_acl_association",
    }
)
"""What costs nothing, or is part of what another type costs."""


def charges(stack: SynthesizedStack) -> Iterator[Charge]:
    """Yield what the resources of `stack` cost."""
    for charging in CHARGED.values():
        yield from charging(stack)
