"""Claim 1: no route leads from one tenant's VPC into another's, whatever the security groups say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any, Final

from isolation.network.layout import Layout
from isolation.network.packets import Packets
from isolation.network.path import NetworkPath
from isolation.network.rules import block_of
from isolation.synthesized.json_blocks import as_blocks
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

_TRANSITS: Final = (
    "vpc_peering_connection_id",
    "vpc_endpoint_id",
    "transit_gateway_id",
    "core_network_arn",
    "network_interface_id",
    "local_gateway_id",
    "carrier_gateway_id",
)
"""Arguments of a route that may lead into another VPC."""


class Routes:
    """The routes of all stacks, and where they lead."""

    def __init__(self, layout: Layout, packets: Packets) -> None:
        self._layout = layout
        self._packets = packets

    def paths(self, stack: SynthesizedStack) -> Iterator[NetworkPath]:
        """Return the ways that the routes of `stack` open."""
        for table, source, body in _all_routes(stack):
            transit = _transit(stack, body)
            if not transit:
                continue
            vpc = stack.text(table.body.get("vpc_id", "")) if table else ""
            destination = _destination(stack, body)
            starts = self._owners_in(vpc) or {table.owner if table else source.owner}
            ends = self._behind(stack, vpc, body.get("vpc_peering_connection_id"), destination)
            via = f"{source.address} routes {destination or 'an unknown destination'} by {transit}"
            for attacker in sorted(owner for owner in starts if owner):
                if ends is None:
                    story = (via, "where that leads is not known")
                    yield NetworkPath(attacker, None, certain=False, story=story)
                    continue
                for end in ends:
                    # A tenant's own VPC is closed to routes. In a shared one the security groups decide.
                    if end.owner and end.owner != attacker:
                        packet, certain = self._packet(vpc, end, destination)
                        if packet:
                            yield NetworkPath(attacker, end.owner, certain=certain, story=(via, packet))
                    yield from self._into_shared(attacker, vpc, end, via)

    def _owners_in(self, vpc: str) -> set[str | None]:
        """Return who has something in `vpc`: its owner, and the owners of the workloads there."""
        known = self._layout.vpcs.get(vpc)
        owners: set[str | None] = {
            workload.owner for workload in self._layout.workloads if workload.vpc == vpc
        }
        return {*owners, known[0].owner} if known else owners

    def _behind(
        self, stack: SynthesizedStack, vpc: str, peering: object, destination: IPv4Network | None
    ) -> list[SynthesizedResource] | None:
        """Return the VPCs behind a peering connection; `None` if that is not known."""
        connection = stack.resource_at(peering)
        if connection is None or destination is None:
            return None
        sides = [stack.text(connection.body.get(name, "")) for name in ("vpc_id", "peer_vpc_id")]
        others = [side for side in sides if side != vpc]
        if len(others) != 1:
            return None
        if others[0] in self._layout.vpcs:
            return [self._layout.vpcs[others[0]][0]]
        # A VPC by its id alone may be any whose addresses the route leads to.
        found = [
            resource
            for resource, block in self._layout.vpcs.values()
            if block is None or block.overlaps(destination)
        ]
        return [resource for resource in found if resource.symbol != vpc] or None

    def _packet(
        self, vpc: str, end: SynthesizedResource, destination: IPv4Network | None
    ) -> tuple[str, bool]:
        """Return a packet from `vpc` into the VPC `end`, and whether it is certain; empty if there is none."""
        source, target = self._layout.vpcs.get(vpc), self._layout.vpcs.get(end.symbol)
        packet, certain = self._packets.routed(
            source[1] if source else None, target[1] if target else None, destination
        )
        return f"{packet} in {end.address}" if packet else "", certain

    def _into_shared(
        self, attacker: str, vpc: str, end: SynthesizedResource, via: str
    ) -> Iterator[NetworkPath]:
        """Return the ways to workloads of others than the owner of the VPC `end` that they are in."""
        inside = [
            workload
            for workload in self._layout.workloads
            if workload.owner == attacker and workload.vpc == vpc
        ]
        for workload in self._layout.workloads:
            if workload.vpc == end.symbol and workload.owner not in {attacker, end.owner}:
                for start in inside:
                    story, certain = self._packets.admitted(start, workload)
                    if story:
                        yield NetworkPath(attacker, workload.owner, certain=certain, story=(via, story))


def _all_routes(
    stack: SynthesizedStack,
) -> Iterator[tuple[SynthesizedResource | None, SynthesizedResource, Mapping[str, Any]]]:
    """Return each route's table, the resource that declares it, and its arguments."""
    for route in stack.all("aws_route"):
        yield stack.resource_at(route.body.get("route_table_id")), route, route.body
    for table in stack.all("aws_route_table"):
        for body in as_blocks(table.body.get("route")):
            yield table, table, body


def _transit(stack: SynthesizedStack, body: Mapping[str, Any]) -> str:
    """Return the argument by which a route may lead into another VPC; empty if it does not."""
    gateway = body.get("gateway_id")
    known = stack.resource_at(gateway)
    foreign = gateway and gateway != "local" and (known is None or known.type != "aws_internet_gateway")
    named = [name for name in _TRANSITS if body.get(name)] + (["gateway_id"] if foreign else [])
    return named[0] if named else ""


def _destination(stack: SynthesizedStack, body: Mapping[str, Any]) -> IPv4Network | None:
    return block_of(stack.text(body.get("destination_cidr_block") or body.get("cidr_block") or ""))
