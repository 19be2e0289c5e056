"""What each resource of a stack takes of each quota, counted from its JSON: what is added tomorrow is counted."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from fleet.synthesized import Resource, SynthesizedStack

CPU_UNITS_A_VCPU: Final = 1024
BYTES_A_GIGABYTE: Final = 1_000_000_000
INSIGHTS_RULES_A_KEY: Final = 2
"""The most accessed and the most throttled; a table or an index has one or two keys
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/contributorinsights_HowItWorks.html, 2026-11-27)."""
DEFAULT_BUS: Final = "default"
REFERENCE: Final = re.compile(r"\$\{(aws_\w+)\.([\w-]+)\.")


@dataclass(frozen=True, slots=True)
class Use:
    """What one resource takes of one quota.

    Attributes:
        owner: the tenant that has the resource to itself; `None` where none has.
        amount: in the quota's unit, times `SCALE`.
        most: what it may grow to by itself, in the same unit; no less than `amount`.
        holder: what the quota is of; empty for the account, or the account in a region.
        shared: whether another tenant's resources may have the same holder, as they have the account, the default event
            bus and the platform's load balancer; no tenant has a share in another's own security group.
    """

    owner: str | None
    amount: int
    most: int
    holder: str = ""
    shared: bool = True


Counter = Callable[[SynthesizedStack], Iterator[Use]]
Located = tuple[str, str]
"""A resource's type and id."""


def referred(text: object) -> Located | None:
    """Return the resource that an argument refers to first; `None` where it refers to none."""
    found = REFERENCE.search(text) if isinstance(text, str) else None
    return (found[1], found[2]) if found else None


def _nobodys(stack: SynthesizedStack, located: Located | None) -> bool:
    """Return whether no tenant has the resource to itself; what is in no stack is nobody's."""
    return located is None or stack.owner(stack.all(located[0]).get(located[1], {})) is None


def _one(stack: SynthesizedStack, resource: Resource, amount: int = 1) -> Use:
    return Use(stack.owner(resource), amount, amount)


def _each(*kinds: str) -> Counter:
    def uses(stack: SynthesizedStack) -> Iterator[Use]:
        for kind in kinds:
            for resource in stack.all(kind).values():
                yield _one(stack, resource)

    return uses


def _gateway_endpoints(stack: SynthesizedStack) -> Iterator[Use]:
    for endpoint in stack.all("aws_vpc_endpoint").values():
        if endpoint.get("vpc_endpoint_type", "Gateway") == "Gateway":
            yield _one(stack, endpoint)


def insights_rules(stack: SynthesizedStack, insights: Resource) -> int:
    """Return the rules that contributor insights makes: of the table's keys, or of its index's."""
    found = referred(insights.get("table_name"))
    table = stack.all("aws_dynamodb_table").get(found[1], {}) if found else {}
    indexes = table.get("global_secondary_index", [])
    keyed = next((one for one in indexes if one.get("name") == insights.get("index_name")), table)
    # A table of another stack may have both keys.
    return INSIGHTS_RULES_A_KEY * (1 + (not table or "range_key" in keyed))


def _insights(stack: SynthesizedStack) -> Iterator[Use]:
    for insights in stack.all("aws_dynamodb_contributor_insights").values():
        yield _one(stack, insights, insights_rules(stack, insights))


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
            yield _one(stack, function, reserved)


def _code(stack: SynthesizedStack) -> Iterator[Use]:
    """Each package counts once for each function that has it."""
    # Synthesis writes what is published to a bucket below the output folder, at its key.
    outdir = stack.folder.parent.parent
    for function in stack.all("aws_lambda_function").values():
        places = ((stack.folder, function.get("filename")), (outdir, function.get("s3_key")))
        file = next((folder / name for folder, name in places if isinstance(name, str)), None)
        if file and file.is_file():
            yield _one(stack, function, file.stat().st_size)


def tasks(stack: SynthesizedStack) -> Iterator[tuple[Resource, Resource, int, int]]:
    """Yield each service that runs on Fargate, its task definition, its tasks at first, and where scaling stops."""
    most_of: dict[Located | None, int] = {}
    for target in stack.all("aws_appautoscaling_target").values():
        # `service/${aws_ecs_cluster.c.name}/${aws_ecs_service.s.name}`
        named = REFERENCE.findall(str(target.get("resource_id", "")))
        for located in named:
            if located[0] == "aws_ecs_service":
                most_of[located] = int(target.get("max_capacity", 0))
    definitions = stack.all("aws_ecs_task_definition")
    for name, service in stack.all("aws_ecs_service").items():
        found = referred(service.get("task_definition"))
        definition = definitions.get(found[1], {}) if found else {}
        least = int(service.get("desired_count", 1))
        yield service, definition, least, max(least, most_of.get(("aws_ecs_service", name), 0))


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
            yield _one(stack, endpoint, interface_addresses(endpoint))
    # Functions with the same subnet and the same security groups share an interface
    # (https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis, 2026-11-27).
    shared: set[tuple[str, tuple[str, ...]]] = set()
    for function in stack.all("aws_lambda_function").values():
        network = function.get("vpc_config") or {}
        groups = tuple(sorted(network.get("security_group_ids", ())))
        wanted = {(subnet, groups) for subnet in network.get("subnet_ids", ())} - shared
        shared |= wanted
        if wanted:
            yield _one(stack, function, len(wanted))
    for service, _, least, most in tasks(stack):
        yield Use(stack.owner(service), least, most)
    for balancer in stack.all("aws_lb").values():
        yield _one(stack, balancer, len(balancer.get("subnets", ())))
    yield from _each("aws_nat_gateway", "aws_rds_cluster_instance")(stack)


def _bus_rules(stack: SynthesizedStack) -> Iterator[Use]:
    for rule in stack.all("aws_cloudwatch_event_rule").values():
        bus = str(rule.get("event_bus_name", DEFAULT_BUS))
        own = referred(bus)
        holder = f"{stack.id} {own[1]}" if own else bus
        yield Use(stack.owner(rule), 1, 1, f"bus {holder}", shared=_nobodys(stack, own))


def _group_rules(stack: SynthesizedStack) -> Iterator[Use]:
    """Yield the rules of each security group, those for each direction apart: AWS counts them so."""
    for direction in ("ingress", "egress"):
        for rule in stack.all(f"aws_vpc_security_group_{direction}_rule").values():
            group = referred(rule.get("security_group_id"))
            if group:
                holder = f"{stack.id} {group[1]} {direction}"
                yield Use(stack.owner(rule), 1, 1, holder, shared=_nobodys(stack, group))


def _nat_gateways(stack: SynthesizedStack) -> Iterator[Use]:
    subnets = stack.all("aws_subnet")
    for gateway in stack.all("aws_nat_gateway").values():
        found = referred(gateway.get("subnet_id"))
        zone = subnets.get(found[1], {}).get("availability_zone") if found else None
        yield Use(stack.owner(gateway), 1, 1, f"zone {zone}")


def _balancers(stack: SynthesizedStack) -> dict[str, str]:
    """Return the load balancer's id by the id of each of its listeners."""
    found = {
        name: referred(body.get("load_balancer_arn")) for name, body in stack.all("aws_lb_listener").items()
    }
    return {name: located[1] for name, located in found.items() if located}


def _balancer_of(balancers: Mapping[str, str], rule: Resource) -> str | None:
    listener = referred(rule.get("listener_arn"))
    return balancers.get(listener[1]) if listener else None


def _on(
    stack: SynthesizedStack, resource: Resource, balancer: str | None, least: int = 1, most: int = 1
) -> Use:
    """Return what `resource` takes of a load balancer; those that are nowhere in the stack count as one."""
    holder = f"{stack.id} {balancer or 'load balancer elsewhere'}"
    shared = _nobodys(stack, ("aws_lb", balancer) if balancer else None)
    return Use(stack.owner(resource), least, most, holder, shared=shared)


def _balancer_rules(stack: SynthesizedStack) -> Iterator[Use]:
    balancers = _balancers(stack)
    for rule in stack.all("aws_lb_listener_rule").values():
        yield _on(stack, rule, _balancer_of(balancers, rule))


def _balancer_certificates(stack: SynthesizedStack) -> Iterator[Use]:
    """Yield the certificates beside the listeners' own, which AWS does not count."""
    balancers = _balancers(stack)
    for certificate in stack.all("aws_lb_listener_certificate").values():
        yield _on(stack, certificate, _balancer_of(balancers, certificate))


def _balancers_of_groups(stack: SynthesizedStack) -> dict[str, set[str]]:
    """Return the load balancers' ids by the id of each target group that they forward to."""
    balancers = _balancers(stack)
    found: dict[str, set[str]] = {}
    forwarding = [
        (_balancer_of(balancers, rule), rule.get("action"))
        for rule in stack.all("aws_lb_listener_rule").values()
    ]
    forwarding += [
        (balancers.get(name), body.get("default_action"))
        for name, body in stack.all("aws_lb_listener").items()
    ]
    for balancer, action in forwarding:
        for kind, name in REFERENCE.findall(str(action)):
            if kind == "aws_lb_target_group" and balancer:
                found.setdefault(name, set()).add(balancer)
    return found


def _target_groups(stack: SynthesizedStack) -> Iterator[Use]:
    balancers_of = _balancers_of_groups(stack)
    for name, group in stack.all("aws_lb_target_group").items():
        for balancer in sorted(balancers_of.get(name, ())) or [""]:
            yield _on(stack, group, balancer)


def _targets(stack: SynthesizedStack) -> Iterator[Use]:
    balancers_of = _balancers_of_groups(stack)
    for service, _, least, most in tasks(stack):
        for attached in service.get("load_balancer", ()):
            group = referred(attached.get("target_group_arn"))
            for balancer in sorted(balancers_of.get(group[1], ()) if group else ()) or [""]:
                yield _on(stack, service, balancer, least, most)


def _private_addresses(stack: SynthesizedStack) -> Iterator[Use]:
    for vpc in stack.all("aws_vpc").values():
        prefix: Any = str(vpc.get("cidr_block", "")).rpartition("/")[2]
        if prefix.isdecimal() and int(prefix) <= 32:  # noqa: PLR2004 (IPv4's length)
            yield _one(stack, vpc, 1 << (32 - int(prefix)))


USES: Final[Mapping[str, Counter]] = {
    "VPCs per region": _each("aws_vpc"),
    "gateway endpoints per region": _gateway_endpoints,
    # A VPC comes with a group of its own.
    "security groups per region": _each("aws_security_group", "aws_vpc"),
    "rules per security group": _group_rules,
    "network interfaces per region": _network_interfaces,
    "internet gateways per region": _each("aws_internet_gateway"),
    "NAT gateways per zone": _nat_gateways,
    "elastic IP addresses per region": _each("aws_eip"),
    "private addresses": _private_addresses,
    "contributor insights rules": _insights,
    "concurrent executions per region": _reserved_concurrency,
    "storage of functions and layers": _code,
    "rules per event bus": _bus_rules,
    "roles per account": _each("aws_iam_role"),
    "backup vaults per region": _each("aws_backup_vault"),
    "backup plans per region": _each("aws_backup_plan"),
    "buckets that are backed up per account": _backed_up_buckets,
    "HTTP APIs per region": _each("aws_apigatewayv2_api"),
    "user pools per region": _each("aws_cognito_user_pool"),
    "tables per region": _each("aws_dynamodb_table"),
    "buckets per account": _each("aws_s3_bucket"),
    "load balancers per region": _each("aws_lb"),
    "target groups per region": _each("aws_lb_target_group"),
    "target groups per load balancer": _target_groups,
    "rules per load balancer": _balancer_rules,
    "certificates per load balancer": _balancer_certificates,
    "targets per load balancer": _targets,
    "Fargate vCPUs per region": _fargate_cpu,
    "database clusters per region": _each("aws_rds_cluster"),
    "cluster parameter groups per region": _each("aws_rds_cluster_parameter_group"),
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
