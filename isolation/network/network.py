"""Everything that the network lets through. Each claim must hold by itself, whatever the others say.

Network ACLs are not read: they only take permissions away.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from dataclasses import replace

from isolation.catalogue.findings import (
    ENDPOINT,
    FRONT_DOOR,
    INTERCEPTED_HOST,
    PLACE_NOT_KNOWN,
    ROUTE,
    SECURITY_GROUP,
    FindingType,
)
from isolation.inventory.inventory import Inventory
from isolation.network.endpoints import Endpoints
from isolation.network.front_doors import front_doors
from isolation.network.hosts import intercepted_hosts
from isolation.network.layout import Layout
from isolation.network.packets import Packets
from isolation.network.path import NetworkPath
from isolation.network.routes import Routes
from isolation.network.security_groups import shared_networks
from isolation.reach.index import Index
from isolation.reach.prover import Prover


class Network:
    """The networks of all stacks."""

    def __init__(self, inventory: Inventory, prover: Prover, index: Index) -> None:
        self._stacks = inventory.stacks
        self._layout = Layout(inventory.stacks)
        self._packets = Packets(self._layout, prover.solver)
        self._routes = Routes(self._layout, self._packets)
        self._endpoints = Endpoints(inventory, prover, index)

    def paths(self) -> Iterator[NetworkPath]:
        """Return every way through the network that must not be."""
        yield from _named(PLACE_NOT_KNOWN, self._layout.doubts)
        for stack in self._stacks:
            yield from _named(ROUTE, self._routes.paths(stack))
            yield from _named(ENDPOINT, self._endpoints.paths(stack))
            yield from _named(FRONT_DOOR, front_doors(stack))
        yield from _named(INTERCEPTED_HOST, intercepted_hosts(self._stacks))
        yield from _named(SECURITY_GROUP, shared_networks(self._layout, self._packets))

    def behind_balancers(self, vpc: str) -> Iterator[NetworkPath]:
        """Return what load balancers may send to in `vpc`: one packet for each workload and database."""
        balancers = [one for one in self._layout.balancers if one.vpc == vpc]
        addresses = {one.address for one in balancers}
        for end in (*self._layout.workloads, *self._layout.databases):
            # Where a place is not known, it may be this one.
            known = vpc in self._layout.vpcs and end.vpc in self._layout.vpcs
            if end.address in addresses or (known and end.vpc != vpc):
                continue
            found = [self._packets.admitted(start, end) for start in balancers if known]
            found += [(f"{one} may send to {end.address}", False) for one in self._layout.unplaced]
            if not known:
                found += [
                    (f"{one.address} may send to {end.address}", False) for one in self._layout.balancers
                ]
            story, certain = max(found, key=lambda one: (bool(one[0]), one[1]), default=("", False))
            if story:
                yield NetworkPath("", end.owner, certain=certain, story=(story,))

    def ignore(self, addresses: Container[str]) -> bool:
        """Leave the rules of security groups at `addresses` out, and return whether there were any."""
        return self._layout.ignore(addresses)

    def companions(self) -> dict[str, str]:
        """Return, by tenant, a packet that its own workloads can exchange: the network is not just empty."""
        found: dict[str, str] = {}
        for workload in self._layout.workloads:
            if workload.owner not in found:
                story = self._packets.admitted(workload, workload)[0] or self._packets.outgoing(workload)
                if story:
                    found[workload.owner] = story
        return found


def _named(finding: FindingType, paths: Iterable[NetworkPath]) -> Iterator[NetworkPath]:
    return (replace(path, finding=finding) for path in paths)
