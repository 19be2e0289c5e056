"""Quotas: what the account has left, against what the new stacks take."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from botocore.exceptions import ClientError

from facts.quotas import QUOTAS, Quota
from fleet.demand import LAMBDA_UNRESERVED, taken, taken_each
from fleet.uses import BYTES_A_GIGABYTE
from preflight.account import Account, code_of
from preflight.deployment import Deployment
from preflight.findings import Finding, stops

CONCURRENCY: Final = "concurrent executions per region"
GATEWAYS: Final = [{"Name": "vpc-endpoint-type", "Values": ["Gateway"]}]


def _length(service: str, operation: str, result: str, **arguments: object) -> Callable[[Account], int]:
    return lambda account: sum(1 for _ in account.pages(service, operation, result, **arguments))


def _code_storage(account: Account) -> int:
    """Return the gigabytes of code that the account's functions and layers take."""
    usage = account.client("lambda").get_account_settings()["AccountUsage"]
    return -(-int(usage["TotalCodeSize"]) // BYTES_A_GIGABYTE)


def _application_load_balancers(account: Account) -> int:
    found = account.pages("elbv2", "describe_load_balancers", "LoadBalancers")
    return sum(balancer.get("Type") == "application" for balancer in found)


def _vcpus(account: Account) -> int:
    """Return the Fargate vCPUs of the tasks that the account's services want."""
    ecs = account.client("ecs")
    units = 0
    for cluster in account.pages("ecs", "list_clusters", "clusterArns"):
        arns = list(account.pages("ecs", "list_services", "serviceArns", cluster=cluster))
        for first in range(0, len(arns), 10):
            found = ecs.describe_services(cluster=cluster, services=arns[first : first + 10])["services"]
            for service in found:
                definition = ecs.describe_task_definition(taskDefinition=service["taskDefinition"])
                units += service["desiredCount"] * int(definition["taskDefinition"].get("cpu", 0))
    return -(-units // 1024)


IN_USE: Final[Mapping[str, Callable[[Account], int]]] = {
    "VPCs per region": _length("ec2", "describe_vpcs", "Vpcs"),
    "gateway endpoints per region": _length(
        "ec2", "describe_vpc_endpoints", "VpcEndpoints", Filters=GATEWAYS
    ),
    "internet gateways per region": _length("ec2", "describe_internet_gateways", "InternetGateways"),
    "network interfaces per region": _length("ec2", "describe_network_interfaces", "NetworkInterfaces"),
    "security groups per region": _length("ec2", "describe_security_groups", "SecurityGroups"),
    "elastic IP addresses per region": _length("ec2", "describe_addresses", "Addresses"),
    "contributor insights rules": _length("cloudwatch", "describe_insight_rules", "InsightRules"),
    "storage of functions and layers": _code_storage,
    "rules per event bus": _length("events", "list_rules", "Rules"),
    "roles per account": lambda account: int(
        account.client("iam").get_account_summary()["SummaryMap"].get("Roles", 0)
    ),
    "HTTP APIs per region": _length("apigatewayv2", "get_apis", "Items"),
    "user pools per region": _length("cognito-idp", "list_user_pools", "UserPools", MaxResults=60),
    "tables per region": _length("dynamodb", "list_tables", "TableNames"),
    "buckets per account": _length("s3", "list_buckets", "Buckets"),
    "load balancers per region": _application_load_balancers,
    "target groups per region": _length("elbv2", "describe_target_groups", "TargetGroups"),
    "Fargate vCPUs per region": _vcpus,
    "database clusters per region": _length("rds", "describe_db_clusters", "DBClusters"),
    "cluster parameter groups per region": _length(
        "rds", "describe_db_cluster_parameter_groups", "DBClusterParameterGroups"
    ),
    # Builds come and go: those that run now say nothing of the next rollout.
    "concurrent builds on small Linux machines": lambda _: 0,
}
"""How much of a quota the account uses now."""


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find quotas that new and growing stacks would meet, and resources that need more than one of them may have."""
    account, wanted = deployment.account, taken_anew(deployment)
    for name, needed in wanted.items():
        if needed and name != CONCURRENCY:
            quota = QUOTAS[name].value
            limit, in_use = limit_of(account, quota), IN_USE[name](account)
            if in_use + needed > limit:
                yield _exceeded(
                    quota, limit, f"{in_use} of {limit} are in use, and {_takers(deployment)} {needed}"
                )
    yield from _concurrency(account, wanted[CONCURRENCY])
    for stack in deployment.stacks:
        for name, needed in taken_each(stack).items():
            quota = QUOTAS[name].value
            if needed and needed > (limit := limit_of(account, quota)):
                yield _exceeded(quota, limit, f"{stack.id} takes {needed}, and {limit} are allowed")


def taken_anew(deployment: Deployment) -> dict[str, int]:
    """Return what the deployment takes of each quota beyond what is there: new stacks, and what others grow by."""
    grown = deployment.growing
    after = taken((*deployment.new, *grown))
    before = taken(deployment.held[stack.id] for stack in grown)
    return {name: max(after[name] - before[name], 0) for name in after}


def _takers(deployment: Deployment) -> str:
    return "new and growing stacks take" if deployment.growing else "the new stacks take"


def _concurrency(account: Account, needed: int) -> Iterator[Finding]:
    if not needed:
        return
    limits = account.client("lambda").get_account_settings()["AccountLimit"]
    left = max(limits["UnreservedConcurrentExecutions"] - LAMBDA_UNRESERVED, 0)
    if needed > left:
        yield stops(
            f"{CONCURRENCY}: the new stacks reserve {needed}, and {left} can be reserved of "
            f"{limits['ConcurrentExecutions']} ({LAMBDA_UNRESERVED} stay unreserved).",
            f"{_raise(QUOTAS[CONCURRENCY].value)} Or reserve none: reserved_concurrency in the registry.",
        )


def limit_of(account: Account, quota: Quota) -> int:
    """Return what the account is allowed; AWS's default where Service Quotas does not know."""
    if quota.code is None:
        return quota.value(account.region)
    try:
        answer = account.client("service-quotas").get_service_quota(
            ServiceCode=quota.service, QuotaCode=quota.code
        )
    except ClientError as error:
        if code_of(error) != "NoSuchResourceException":
            raise
        return quota.value(account.region)
    value: Any = answer["Quota"]["Value"]
    return int(value)


def _exceeded(quota: Quota, limit: int, why: str) -> Finding:
    remedy = _raise(quota) if quota.adjustable else f"AWS does not raise it: {limit} is the end."
    return stops(f"{quota.name}: {why}.", remedy)


def _raise(quota: Quota) -> str:
    return (
        "Raise it: aws service-quotas request-service-quota-increase "
        f"--service-code {quota.service} --quota-code {quota.raised_with or quota.code} --desired-value N."
    )


def seen(deployment: Deployment) -> str:
    """Say what the new stacks take."""
    needed = {name: count for name, count in taken_anew(deployment).items() if count}
    if not needed:
        return "nothing that is counted is new"
    return "what is new fits: " + ", ".join(f"{count} {name}" for name, count in needed.items())
