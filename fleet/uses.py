"""What each resource of a stack takes of each quota, counted from its JSON: what is added tomorrow is counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from fleet.balancer_uses import balancer_certificates, balancer_rules, target_groups, targets
from fleet.counting import Counter, Use, each_of, nobodys, referred, tasks, used_by
from fleet.synthesized import Resource, SynthesizedStack

CPU_UNITS_A_VCPU: Final = 1024
BYTES_A_GIGABYTE: Final = 1_000_000_000
INSIGHTS_RULES_A_KEY: Final = 2
"""The most accessed and the most throttled; a table or an index has one or two keys
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html, 2026-11-27)."""
SMALL_BUILD: Final = "BUILD_GENERAL1_SMALL"
MOST_BUILDS: Final = 20
"""As many as a rollout may have at once."""
DEFAULT_BUS: Final = "default"


def _gateway_endpoints(stack: SynthesizedStack) -> Iterator[Use]:
    for endpoint in stack.all("aws_vpc_endpoint").values():
        if endpoint.get("vpc_endpoint_type", "Gateway") == "Gateway":
            yield used_by(stack, endpoint)


def insights_rules(stack: SynthesizedStack, insights: Resource) -> int:
    """Return the rules that contributor insights makes: of the table's keys, or of its index's."""
    found = referred(insights.get("table_name"))
    table = stack.all("aws_dynamodb_table").get(found[1], {}) if found else {}
    indexes = table.get("global_secondary_index", [])
    keyed = next((index for index in indexes if index.get("name") == insights.get("index_name")), table)
    # A table of another stack may have both keys.
    return INSIGHTS_RULES_A_KEY * (1 + (not table or "range_key" in keyed))


def _insights(stack: SynthesizedStack) -> Iterator[Use]:
    for insights in stack.all("aws_dynamodb_contributor_insights").values():
        yield used_by(stack, insights, insights_rules(stack, insights))


def _backed_up_buckets(stack: SynthesizedStack) -> Iterator[Use]:
    for selection in stack.all("aws_backup_selection").values():
        # A selection has no tags of its own; its plan has the owner's.
        plan = referred(selection.get("plan_id"))
        owner = stack.owner(stack.all("aws_backup_plan").get(plan[1], {}) if plan else {})
        found = [referred(resource) for resource in selection.get("resources", ())]
        buckets = [located for located in found if located and located[0] == "aws_s3_bucket"]
        if buckets:
            yield Use(owner, len(buckets), len(buckets))


def _reserved_concurrency(stack: SynthesizedStack) -> Iterator[Use]:
    for function in stack.all("aws_lambda_function").values():
        reserved = max(int(function.get("reserved_concurrent_executions") or 0), 0)
        if reserved:
            yield used_by(stack, function, reserved)


def _code(stack: SynthesizedStack) -> Iterator[Use]:
    """Each package counts once for each function that has it."""
    # Synthesis writes what is published to a bucket below the output folder, at its key.
    outdir = stack.folder.parent.parent
    for function in stack.all("aws_lambda_function").values():
        places = ((stack.folder, function.get("filename")), (outdir, function.get("s3_key")))
        file = next((folder / name for folder, name in places if isinstance(name, str)), None)
        if file and file.is_file():
            yield used_by(stack, function, file.stat().st_size)


def _fargate_cpu(stack: SynthesizedStack) -> Iterator[Use]:
    for service, definition, least, most in tasks(stack):
        units = int(definition.get("cpu", CPU_UNITS_A_VCPU))
        yield Use(stack.owner(service), least * units, most * units)


def interface_addresses(endpoint: Resource) -> int:
    """Return in how many subnets an interface endpoint has an address; none where it is a gateway."""
    return len(endpoint.get("subnet_ids", ())) if endpoint.get("vpc_endpoint_type") == "Interface" else 0


def _network_interfaces(stack: SynthesizedStack) -> Iterator[Use]:
    for endpoint in stack.all("aws_vpc_endpoint").values():
        if interface_addresses(endpoint):
            yield used_by(stack, endpoint, interface_addresses(endpoint))
    # Functions with the same subnet and the same security groups share an interface
    # (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis, 2026-11-27).
    shared: set[tuple[str, tuple[str, ...]]] = set()
    for function in stack.all("aws_lambda_function").values():
        network = function.get("vpc_config") or {}
        groups = tuple(sorted(network.get("security_group_ids", ())))
        wanted = {(subnet, groups) for subnet in network.get("subnet_ids", ())} - shared
        shared |= wanted
        if wanted:
            yield used_by(stack, function, len(wanted))
    for service, _, least, most in tasks(stack):
        yield Use(stack.owner(service), least, most)
    for balancer in stack.all("aws_lb").values():
        yield used_by(stack, balancer, len(balancer.get("subnets", ())))
    yield from each_of("aws_nat_gateway", "aws_rds_cluster_instance")(stack)


def _bus_rules(stack: SynthesizedStack) -> Iterator[Use]:
    for rule in stack.all("aws_cloudwatch_event_rule").values():
        bus = str(rule.get("event_bus_name", DEFAULT_BUS))
        own = referred(bus)
        holder = f"{stack.id} {own[1]}" if own else bus
        yield Use(stack.owner(rule), 1, 1, f"bus {holder}", shared=nobodys(stack, own))


def _group_rules(stack: SynthesizedStack) -> Iterator[Use]:
    """Yield the rules of each security group, those for each direction apart: AWS counts them so."""
    for direction in ("ingress", "egress"):
        for rule in stack.all(f"aws_vpc_security_group_{direction}_rule").values():
            group = referred(rule.get("security_group_id"))
            if group:
                holder = f"{stack.id} {group[1]} {direction}"
                yield Use(stack.owner(rule), 1, 1, holder, shared=nobodys(stack, group))


def _nat_gateways(stack: SynthesizedStack) -> Iterator[Use]:
    subnets = stack.all("aws_subnet")
    for gateway in stack.all("aws_nat_gateway").values():
        found = referred(gateway.get("subnet_id"))
        zone = subnets.get(found[1], {}).get("availability_zone") if found else None
        yield Use(stack.owner(gateway), 1, 1, f"zone {zone}")


def _private_addresses(stack: SynthesizedStack) -> Iterator[Use]:
    for vpc in stack.all("aws_vpc").values():
        prefix: Any = str(vpc.get("cidr_block", "")).rpartition("/")[2]
        if prefix.isdecimal() and int(prefix) <= 32:  # noqa: PLR2004 (IPv4's length)
            yield used_by(stack, vpc, 1 << (32 - int(prefix)))


def _builds(stack: SynthesizedStack) -> Iterator[Use]:
    for project in stack.all("aws_codebuild_project").values():
        if (project.get("environment") or {}).get("compute_type") == SMALL_BUILD:
            # One at a time is slow, and works: the others wait.
            yield Use(stack.owner(project), 1, MOST_BUILDS)


USES: Final[Mapping[str, Counter]] = {
    "VPCs per region": each_of("aws_vpc"),
    "gateway endpoints per region": _gateway_endpoints,
    # A VPC comes with a group of its own.
    "security groups per region": each_of("aws_security_group", "aws_vpc"),
    "rules per security group": _group_rules,
    "network interfaces per region": _network_interfaces,
    "internet gateways per region": each_of("aws_internet_gateway"),
    "NAT gateways per zone": _nat_gateways,
    "elastic IP addresses per region": each_of("aws_eip"),
    "private addresses": _private_addresses,
    "contributor insights rules": _insights,
    "concurrent builds on small Linux machines": _builds,
    "concurrent executions per region": _reserved_concurrency,
    "storage of functions and layers": _code,
    "rules per event bus": _bus_rules,
    "roles per account": each_of("aws_iam_role"),
    "backup vaults per region": each_of("aws_backup_vault"),
    "backup plans per region": each_of("aws_backup_plan"),
    "buckets that are backed up per account": _backed_up_buckets,
    "HTTP APIs per region": each_of("aws_apigatewayv2_api"),
    "user pools per region": each_of("aws_cognito_user_pool"),
    "tables per region": each_of("aws_dynamodb_table"),
    "buckets per account": each_of("aws_s3_bucket"),
    "load balancers per region": each_of("aws_lb"),
    "target groups per region": each_of("aws_lb_target_group"),
    "target groups per load balancer": target_groups,
    "rules per load balancer": balancer_rules,
    "certificates per load balancer": balancer_certificates,
    "targets per load balancer": targets,
    "Fargate vCPUs per region": _fargate_cpu,
    "database clusters per region": each_of("aws_rds_cluster"),
    "cluster parameter groups per region": each_of("aws_rds_cluster_parameter_group"),
}
"""What the resources of a stack take of each quota, by the quota's name in `facts.quotas`."""

OF_EACH: Final = frozenset(
    {
        "NAT gateways per zone",
        "certificates per load balancer",
        "rules per load balancer",
        "rules per security group",
        "target groups per load balancer",
        "targets per load balancer",
    }
)
"""Quotas that each zone, security group or load balancer has; the others an account has, once or in each region."""

SCALE: Final[Mapping[str, int]] = {
    "Fargate vCPUs per region": CPU_UNITS_A_VCPU,
    "storage of functions and layers": BYTES_A_GIGABYTE,
}
"""By how much an amount is larger than the quota's unit, where it is; 1 elsewhere."""
