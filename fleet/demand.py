"""How much of each quota the stacks take, counted from their resources: what a construct adds tomorrow is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from fleet.synthesized import SynthesizedStack

LAMBDA_UNRESERVED: Final = 100
"""Concurrent executions that no function may reserve
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html)."""
CPU_UNITS_A_VCPU: Final = 1024
INSIGHTS_RULES_A_TABLE: Final = 4
"""Of a table with a partition key and a sort key
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html)."""
DEFAULT_BUS: Final = "default"

Count = Callable[[SynthesizedStack], int]


def _of(*kinds: str) -> Count:
    return lambda stack: sum(stack.count(kind) for kind in kinds)


def _where(kind: str, **arguments: object) -> Count:
    def count(stack: SynthesizedStack) -> int:
        return sum(
            all(resource.get(name) == value for name, value in arguments.items())
            for resource in stack.all(kind).values()
        )

    return count


def _reserved_concurrency(stack: SynthesizedStack) -> int:
    functions = stack.all("aws_lambda_function").values()
    return sum(max(int(function.get("reserved_concurrent_executions") or 0), 0) for function in functions)


def _fargate_vcpus(stack: SynthesizedStack) -> int:
    """Return what the services run at first: scaling up takes more."""
    tasks = stack.all("aws_ecs_task_definition")
    units = 0
    for service in stack.all("aws_ecs_service").values():
        definition = str(service.get("task_definition", ""))
        named = next((body for name, body in tasks.items() if f".{name}." in definition), {})
        units += int(service.get("desired_count", 1)) * int(named.get("cpu", CPU_UNITS_A_VCPU))
    return -(-units // CPU_UNITS_A_VCPU)


def _rules_of_the_default_bus(stack: SynthesizedStack) -> int:
    rules = stack.all("aws_cloudwatch_event_rule").values()
    return sum(rule.get("event_bus_name", DEFAULT_BUS) == DEFAULT_BUS for rule in rules)


COUNTED: Final[Mapping[str, Count]] = {
    "VPCs per region": _of("aws_vpc"),
    "gateway endpoints per region": _where("aws_vpc_endpoint", vpc_endpoint_type="Gateway"),
    "security groups per region": _of("aws_security_group", "aws_vpc"),
    "elastic IP addresses per region": _of("aws_eip"),
    "contributor insights rules": lambda stack: (
        INSIGHTS_RULES_A_TABLE * stack.count("aws_dynamodb_contributor_insights")
    ),
    "concurrent executions per region": _reserved_concurrency,
    "rules per event bus": _rules_of_the_default_bus,
    "roles per account": _of("aws_iam_role"),
    "HTTP APIs per region": _of("aws_apigatewayv2_api"),
    "user pools per region": _of("aws_cognito_user_pool"),
    "tables per region": _of("aws_dynamodb_table"),
    "buckets per account": _of("aws_s3_bucket"),
    "Fargate vCPUs per region": _fargate_vcpus,
    "database clusters per region": _of("aws_rds_cluster"),
    "cluster parameter groups per region": _of("aws_rds_cluster_parameter_group"),
}
"""What a stack takes of each quota that an account has one of, by the quota's name in `facts.quotas`."""


def _by_reference(stack: SynthesizedStack, kinds: Iterable[str], argument: str) -> int:
    """Return how many resources of `kinds` name the same other resource in `argument`, at most."""
    named: Counter[Any] = Counter()
    for kind in kinds:
        named.update(str(resource.get(argument)) for resource in stack.all(kind).values())
    return max(named.values(), default=0)


COUNTED_EACH: Final[Mapping[str, Count]] = {
    "rules per security group": lambda stack: max(
        _by_reference(stack, ["aws_vpc_security_group_ingress_rule"], "security_group_id"),
        _by_reference(stack, ["aws_vpc_security_group_egress_rule"], "security_group_id"),
    ),
    "target groups per load balancer": _of("aws_lb_target_group"),
    "rules per load balancer": _of("aws_lb_listener_rule"),
    "NAT gateways per zone": lambda stack: _by_reference(stack, ["aws_nat_gateway"], "subnet_id"),
}
"""What a stack takes of each quota that each of its own resources has one of: a security group, a load balancer."""


def taken(stacks: Iterable[SynthesizedStack]) -> dict[str, int]:
    """Return what `stacks` take together of each quota that an account has one of."""
    stacks = tuple(stacks)
    return {name: sum(map(count, stacks)) for name, count in COUNTED.items()}


def taken_each(stack: SynthesizedStack) -> dict[str, int]:
    """Return what `stack` takes of each quota that one of its resources has."""
    return {name: count(stack) for name, count in COUNTED_EACH.items()}
