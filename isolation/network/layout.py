"""The networks of all stacks as they are declared: VPCs, security groups with their rules, and workloads."""

from __future__ import annotations

import re
from collections.abc import Container
from ipaddress import IPv4Network, IPv6Network
from typing import Final

from isolation.catalogue.network import BALANCER, DATABASES, PLACES_NOTHING
from isolation.model.caller import PLATFORM
from isolation.network.path import NetworkPath
from isolation.network.places import Place, Workload, is_true, place_of
from isolation.network.rules import (
    EVERYWHERE,
    EVERYWHERE_V6,
    PrefixLists,
    Rule,
    block_of,
    block_v6_of,
    rule_of,
    written_peers,
)
from isolation.synthesized.json_blocks import as_blocks
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

_DEFAULT_GROUP: Final = re.compile(r"\$\{aws_vpc\.([\w-]+)\.default_security_group_id\}")
_V6: Final = ("assign_ipv6_address_on_creation", "ipv6_cidr_block", "ipv6_ipam_pool_id", "ipv6_native")
"""Arguments of a subnet without which nothing in it has an IPv6 address."""
_SEPARATE: Final = (
    "aws_security_group_rule",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
)


class Layout:
    """The networks of all stacks.

    Attributes:
        workloads: the tenants'.
        databases: the platform's, which hold what is the tenants'.
        balancers: load balancers, whoever's they are.
        unplaced: addresses of those whose VPC or security groups are not known.
        vpcs: by name, each VPC with its address block; `None` if that is not known.
        groups: by name, the owner and the address of each security group.
        gateways: the names of the VPCs with an internet gateway.
        doubts: the ways that cannot be ruled out because a workload's place is not known.
    """

    def __init__(self, stacks: list[SynthesizedStack]) -> None:
        self.workloads: list[Workload] = []
        self.databases: list[Workload] = []
        self.balancers: list[Workload] = []
        self.unplaced: list[str] = []
        self.vpcs: dict[str, tuple[SynthesizedResource, IPv4Network | None]] = {}
        self.groups: dict[str, tuple[str | None, str]] = {}
        self.gateways: set[str] = set()
        self.doubts: list[NetworkPath] = []
        self._default_groups: dict[str, str] = {}
        self._rules: dict[tuple[str, bool], list[Rule]] = {}
        self._loose: dict[bool, list[Rule]] = {True: [], False: []}
        self._lists = PrefixLists(stacks)
        for stack in stacks:
            self._read_networks(stack)
        for stack in stacks:
            self._read_groups(stack)
        for stack in stacks:
            for resource in stack.resources.values():
                if not PLACES_NOTHING.fullmatch(resource.type):
                    self._read_workload(stack, resource)

    def inward(self, group: str) -> list[Rule]:
        """Return the rules of a security group for what comes in."""
        return [*self._rules.get((group, True), ()), *self._loose[True]]

    def outward(self, group: str) -> list[Rule]:
        """Return the rules of a security group for what goes out."""
        return [*self._rules.get((group, False), ()), *self._loose[False]]

    def ignore(self, addresses: Container[str]) -> bool:
        """Leave the rules at `addresses` out, and return whether there were any."""
        before = self._count()
        self._rules = {
            key: [rule for rule in rules if rule.address not in addresses]
            for key, rules in self._rules.items()
        }
        self._loose = {
            inward: [rule for rule in rules if rule.address not in addresses]
            for inward, rules in self._loose.items()
        }
        return self._count() < before

    def _count(self) -> int:
        return sum(map(len, (*self._rules.values(), *self._loose.values())))

    def _read_networks(self, stack: SynthesizedStack) -> None:
        for vpc in stack.all("aws_vpc"):
            name = stack.name_of(vpc)
            self.vpcs[name] = (vpc, block_of(stack.text(vpc.body.get("cidr_block", ""))))
            self._default_groups[name] = f"{name}.default"
            self.groups[f"{name}.default"] = (vpc.owner, f"the default security group of {vpc.address}")
        for gateway in stack.all("aws_internet_gateway", "aws_internet_gateway_attachment"):
            self.gateways.add(stack.text(gateway.body.get("vpc_id", "")))
        for group in stack.all("aws_default_security_group"):
            self._default_groups[stack.text(group.body.get("vpc_id", ""))] = group.symbol
        for group in stack.all("aws_security_group", "aws_default_security_group"):
            self.groups[group.symbol] = (group.owner, group.address)

    def _read_groups(self, stack: SynthesizedStack) -> None:
        for vpc in stack.all("aws_vpc"):
            name = f"{stack.name_of(vpc)}.default"
            if self._default_groups[stack.name_of(vpc)] == name:
                # Nobody has taken its rules away: https://docs.aws.amazon.com/vpc/latest/userguide/default-security-group.html.
                inward = rule_of(stack, vpc, {}, frozenset({name}), self._lists)
                outward = rule_of(
                    stack, vpc, {"cidr_blocks": ["0.0.0.0/0", "::/0"]}, frozenset(), self._lists
                )
                self._rules.setdefault((name, True), []).append(inward)
                self._rules.setdefault((name, False), []).append(outward)
        for group in stack.all("aws_security_group", "aws_default_security_group"):
            for direction in ("ingress", "egress"):
                for body in as_blocks(group.body.get(direction)):
                    peers = self._peers(stack, body, group.symbol)
                    rule = rule_of(stack, group, body, peers, self._lists)
                    self._rules.setdefault((group.symbol, direction == "ingress"), []).append(rule)
        for source in stack.all(*_SEPARATE):
            name = self._group(stack, source.body.get("security_group_id"))
            rule = rule_of(stack, source, source.body, self._peers(stack, source.body, name), self._lists)
            inward_too = source.body.get("type") == "ingress" or "ingress" in source.type
            if name:
                self._rules.setdefault((name, inward_too), []).append(rule)
            else:
                # The group may be any: its rule is one of all, in doubt.
                doubt = f"{source.address}: which security group it belongs to is not known"
                self._loose[inward_too].append(
                    Rule(rule.address, rule.protocol, rule.ports, (), (), frozenset(), doubt)
                )

    def _peers(self, stack: SynthesizedStack, body: object, own: str) -> frozenset[str]:
        """Return the security groups that a rule's arguments name; an empty name for one that is not known."""
        arguments = body if isinstance(body, dict) else {}
        named = {self._group(stack, text) for text in written_peers(arguments)}
        return frozenset(named | ({own} if is_true(arguments.get("self")) else set()))

    def _group(self, stack: SynthesizedStack, value: object) -> str:
        """Return the name of the security group that an argument names; empty if it is not known."""
        default = _DEFAULT_GROUP.fullmatch(value) if isinstance(value, str) else None
        if default is not None and ("aws_vpc", default[1]) in stack.resources:
            return self._default_groups.get(stack.resources["aws_vpc", default[1]].symbol, "")
        name = stack.text(value) if isinstance(value, str) else ""
        return name if name in self.groups else ""

    def _read_workload(self, stack: SynthesizedStack, resource: SynthesizedResource) -> None:
        balancer = resource.type == BALANCER
        owner = resource.owner or (PLATFORM if balancer or resource.type in DATABASES else None)
        place = place_of(stack, resource) if owner else None
        if owner is None or place is None:
            return
        vpc = self._vpc_of(stack, place)
        groups = {self._group(stack, text) for text in place.groups}
        if not groups:
            groups.add(self._default_groups.get(vpc, ""))
        if (not place.known or not place.subnets or "" in groups) and owner != PLATFORM:
            story = (f"{resource.address}: its place in the network is not known",)
            self.doubts.append(NetworkPath(owner, None, certain=False, story=story))
            self.doubts.append(NetworkPath("", owner, certain=False, story=story))
        blocks = [
            block_of(stack.text(subnet.body.get("cidr_block", ""))) or EVERYWHERE for subnet in place.subnets
        ]
        workload = Workload(
            owner=owner,
            address=resource.address,
            vpc=vpc,
            groups=frozenset(groups - {""}),
            blocks=tuple(blocks or [EVERYWHERE]),
            blocks_v6=_blocks_v6(stack, place),
            public=place.public,
        )
        if balancer and place.known and place.subnets and "" not in groups and vpc in self.vpcs:
            self.balancers.append(workload)
        elif balancer:
            self.unplaced.append(resource.address)
        if owner != PLATFORM:
            self.workloads.append(workload)
        elif not balancer:
            self.databases.append(workload)

    def _vpc_of(self, stack: SynthesizedStack, place: Place) -> str:
        """Return the name of the VPC of the first subnet, or else of the first security group."""
        if place.subnets:
            return stack.text(place.subnets[0].body.get("vpc_id", ""))
        groups = [stack.resource_at(text) for text in place.groups]
        return next((stack.text(group.body.get("vpc_id", "")) for group in groups if group), "")


def _blocks_v6(stack: SynthesizedStack, place: Place) -> tuple[IPv6Network, ...]:
    """Return the IPv6 blocks of the subnets that have some; all addresses where they are not known."""
    subnets = [subnet for subnet in place.subnets if any(is_true(subnet.body.get(name)) for name in _V6)]
    written = [stack.text(subnet.body.get("ipv6_cidr_block", "")) for subnet in subnets]
    return tuple(block_v6_of(text) or EVERYWHERE_V6 for text in written)
