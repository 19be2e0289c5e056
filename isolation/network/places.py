"""Reads where in a network something runs: its subnets, its security groups, and whether it is on the internet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network
from typing import Any

from isolation.catalogue.network import (
    GROUP_ARGUMENTS,
    PUBLIC_ARGUMENTS,
    SUBNET_ARGUMENTS,
    SUBNET_GROUP_ARGUMENTS,
)
from isolation.synthesized.json_blocks import as_list
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack


@dataclass(frozen=True, slots=True)
class Workload:
    """Something that runs in a VPC.

    Attributes:
        owner: the tenant; the platform for a database of its own.
        address: where it is declared.
        vpc: the name of its VPC; empty if it is not known.
        groups: the names of its security groups.
        blocks: the IPv4 blocks of its subnets.
        blocks_v6: their IPv6 blocks; empty if it has no such addresses.
        public: it has an address on the internet.
    """

    owner: str
    address: str
    vpc: str
    groups: frozenset[str]
    blocks: tuple[IPv4Network, ...]
    blocks_v6: tuple[IPv6Network, ...]
    public: bool


@dataclass(frozen=True, slots=True)
class Place:
    """Where a resource says that it runs.

    Attributes:
        subnets: the subnets that the stacks declare.
        groups: the arguments that name its security groups, unresolved.
        known: every subnet that it names is declared.
        public: an argument of its own, or of one of its subnets, gives it an address on the internet.
    """

    subnets: tuple[SynthesizedResource, ...]
    groups: tuple[str, ...]
    known: bool
    public: bool


def place_of(stack: SynthesizedStack, resource: SynthesizedResource) -> Place | None:
    """Return where `resource` runs; `None` if it names neither subnets nor security groups."""
    arguments = list(_arguments(resource.body))
    cluster = stack.resource_at(resource.body.get("cluster_identifier"))
    if cluster is not None:
        # An instance is where its cluster is.
        arguments += _arguments(cluster.body)
    names: list[object] = []
    known = True
    for argument, value in arguments:
        if argument in SUBNET_ARGUMENTS:
            names += as_list(value)
        elif argument in SUBNET_GROUP_ARGUMENTS:
            group = _subnet_group(stack, value)
            known &= group is not None
            names += as_list(group.body.get("subnet_ids")) if group else []
    groups = tuple(
        text
        for argument, value in arguments
        if argument in GROUP_ARGUMENTS
        for text in as_list(value)
        if isinstance(text, str)
    )
    if not names and not groups and known:
        return None
    subnets = [stack.resource_at(name) for name in names]
    declared = tuple(subnet for subnet in subnets if subnet is not None)
    public = any(argument in PUBLIC_ARGUMENTS and is_true(value) for argument, value in arguments)
    public |= resource.type == "aws_lb" and not is_true(resource.body.get("internal", False))
    public |= any(is_true(subnet.body.get("map_public_ip_on_launch", False)) for subnet in declared)
    return Place(declared, groups, known and len(declared) == len(names), public)


def is_true(value: object) -> bool:
    """Whether an argument is true, or may be: an expression may."""
    return isinstance(value, list | dict) or value not in {None, False, "false", "0"}


def _subnet_group(stack: SynthesizedStack, value: object) -> SynthesizedResource | None:
    named = stack.text(value)
    for group in stack.all("aws_db_subnet_group"):
        if stack.resource_at(value) is group or named in (group.symbol, group.body.get("name")):
            return group
    return None


def _arguments(body: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Return the arguments of a resource and of all its blocks, by name."""
    for name, value in body.items():
        yield name, value
        for block in as_list(value):
            if isinstance(block, Mapping) and name != "//":
                yield from _arguments(block)
