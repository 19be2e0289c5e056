"""The networks of all stacks as they are declared: VPCs, security groups with their rules, and workloads."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Any, Final

from isolation.network.path import NetworkPath
from isolation.synthesized.interpolation import OPAQUE
from isolation.synthesized.json_blocks import as_blocks, as_list
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

EVERYWHERE: Final = IPv4Network("0.0.0.0/0")
_WORKLOADS: Final = {
    "aws_lambda_function": "vpc_config",
    "aws_ecs_service": "network_configuration",
}
"""By type: the argument that says where in the network it runs."""


@dataclass(frozen=True, slots=True)
class Workload:
    """Something of a tenant's that runs in a VPC.

    Attributes:
        owner: the tenant.
        address: where it is declared.
        vpc: the name of its VPC; empty if it is not known.
        groups: the names of its security groups.
        blocks: the address blocks of its subnets.
        public: it has an address on the internet.
    """

    owner: str
    address: str
    vpc: str
    groups: frozenset[str]
    blocks: tuple[IPv4Network, ...]
    public: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a security group.

    Attributes:
        address: where it is declared.
        protocol: its name; `-1` for all.
        ports: the first and the last.
        blocks: the address blocks at the other end.
        peers: the security groups at the other end.
        doubt: why it may admit anybody; empty if it is known whom it admits.
    """

    address: str
    protocol: str
    ports: tuple[int, int]
    blocks: tuple[IPv4Network, ...]
    peers: frozenset[str]
    doubt: str = ""


class Layout:
    """The networks of all stacks.

    Attributes:
        workloads: the tenants'.
        vpcs: by name, each VPC with its address block; `None` if that is not known.
        groups: by name, the owner and the address of each security group.
        doubts: the ways that cannot be ruled out because a workload's place is not known.
    """

    def __init__(self, stacks: list[SynthesizedStack]) -> None:
        self.workloads: list[Workload] = []
        self.vpcs: dict[str, tuple[SynthesizedResource, IPv4Network | None]] = {}
        self.groups: dict[str, tuple[str | None, str]] = {}
        self.doubts: list[NetworkPath] = []
        self._rules: dict[tuple[str, bool], list[Rule]] = {}
        for stack in stacks:
            self._read(stack)

    def inward(self, group: str) -> list[Rule]:
        """Return the rules of a security group for what comes in."""
        return self._rules.get((group, True), [])

    def outward(self, group: str) -> list[Rule]:
        """Return the rules of a security group for what goes out."""
        return self._rules.get((group, False), [])

    def ignore(self, addresses: Container[str]) -> bool:
        """Leave the rules at `addresses` out, and return whether there were any."""
        before = sum(map(len, self._rules.values()))
        self._rules = {
            key: [rule for rule in rules if rule.address not in addresses]
            for key, rules in self._rules.items()
        }
        return sum(map(len, self._rules.values())) < before

    def _read(self, stack: SynthesizedStack) -> None:
        for vpc in stack.all("aws_vpc"):
            self.vpcs[stack.name_of(vpc)] = (vpc, block_of(stack.text(vpc.body.get("cidr_block", ""))))
        groups = {stack.name_of(group): group for group in stack.all("aws_security_group")}
        for name, group in groups.items():
            self.groups[name] = (group.owner, group.address)
            for direction in ("ingress", "egress"):
                for body in as_blocks(group.body.get(direction)):
                    self._add_rule(_rule(stack, group, body, name, groups), name, direction)
        for rule in stack.all("aws_vpc_security_group_ingress_rule", "aws_vpc_security_group_egress_rule"):
            name = stack.text(rule.body.get("security_group_id", ""))
            direction = "ingress" if "ingress" in rule.type else "egress"
            self._add_rule(_rule(stack, rule, rule.body, name, groups), name, direction)
        for rule in stack.all("aws_security_group_rule"):
            name = stack.text(rule.body.get("security_group_id", ""))
            self._add_rule(_rule(stack, rule, rule.body, name, groups), name, rule.body.get("type"))
        for resource in stack.all(*_WORKLOADS):
            self._add_workload(stack, resource)

    def _add_rule(self, rule: Rule, group: str, direction: object) -> None:
        self._rules.setdefault((group, direction == "ingress"), []).append(rule)

    def _add_workload(self, stack: SynthesizedStack, resource: SynthesizedResource) -> None:
        places = as_blocks(resource.body.get(_WORKLOADS[resource.type]))
        if resource.owner is None or not places:
            return
        body = places[0]
        names = as_list(body.get("subnet_ids")) + as_list(body.get("subnets"))
        subnets = [subnet for subnet in (stack.resource_at(name) for name in names) if subnet is not None]
        groups = [
            stack.text(group)
            for group in as_list(body.get("security_group_ids")) + as_list(body.get("security_groups"))
        ]
        if len(subnets) < len(names) or any(group not in self.groups for group in groups):
            story = (f"{resource.address}: its place in the network is not known",)
            self.doubts.append(NetworkPath(resource.owner, None, certain=False, story=story))
        blocks = [block_of(stack.text(subnet.body.get("cidr_block", ""))) or EVERYWHERE for subnet in subnets]
        public = bool(body.get("assign_public_ip")) or any(
            subnet.body.get("map_public_ip_on_launch") for subnet in subnets
        )
        self.workloads.append(
            Workload(
                owner=resource.owner,
                address=resource.address,
                vpc=stack.text(subnets[0].body.get("vpc_id", "")) if subnets else "",
                groups=frozenset(groups),
                blocks=tuple(blocks),
                public=public,
            )
        )


def _rule(
    stack: SynthesizedStack,
    source: SynthesizedResource,
    body: Mapping[str, Any],
    group: str,
    known: Mapping[str, SynthesizedResource],
) -> Rule:
    """Return the rule that `body` writes for `group`.

    Args:
        stack: the stack that declares it.
        source: the resource that declares it.
        body: its arguments.
        group: the name of its security group.
        known: the security groups of the stack, by name.
    """
    texts = [body.get("cidr_ipv4"), *as_list(body.get("cidr_blocks"))]
    blocks = [block_of(stack.text(text)) for text in texts if text is not None]
    peers = [body.get("referenced_security_group_id"), body.get("source_security_group_id")]
    peers += as_list(body.get("security_groups"))
    named = frozenset(stack.text(peer) for peer in peers if peer is not None)
    if body.get("self"):
        named |= {group}
    prefixes = [
        stack.text(text)
        for text in (body.get("prefix_list_id"), *as_list(body.get("prefix_list_ids")))
        if text
    ]
    # The prefix list of a gateway endpoint holds addresses of AWS; any other, and IPv6, may hold anybody's.
    unread = any(not text.endswith(".prefix_list_id⟧") for text in prefixes)
    unread |= bool(body.get("cidr_ipv6") or body.get("ipv6_cidr_blocks"))
    unread |= None in blocks or any(OPAQUE in name or name not in known for name in named)
    return Rule(
        address=source.address,
        protocol=str(body.get("ip_protocol", body.get("protocol", "-1"))),
        ports=(int(body.get("from_port", 0) or 0), int(body.get("to_port", 65535) or 65535)),
        blocks=tuple(block or EVERYWHERE for block in blocks) if None not in blocks else (EVERYWHERE,),
        peers=named,
        doubt=f"{source.address}: whom it admits is not known" if unread else "",
    )


def block_of(text: str) -> IPv4Network | None:
    """Return the address block that `text` writes; `None` if it writes none."""
    try:
        return IPv4Network(text, strict=False)
    except ValueError:
        return None
