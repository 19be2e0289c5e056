"""Everything that the network lets through. Each claim must hold by itself, whatever the others say.

Network ACLs are not read: they only take permissions away.
"""

from __future__ import annotations

from collections.abc import Iterator

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
        yield from self._layout.doubts
        for stack in self._stacks:
            yield from self._routes.paths(stack)
            yield from self._endpoints.paths(stack)
            yield from front_doors(stack)
        yield from intercepted_hosts(self._stacks)
        yield from shared_networks(self._layout, self._packets)

    def companions(self) -> dict[str, str]:
        """Return, by tenant, a packet that its own workloads can exchange: the network is not just empty."""
        found: dict[str, str] = {}
        for workload in self._layout.workloads:
            if workload.owner not in found:
                story = self._packets.admitted(workload, workload) or self._packets.outgoing(workload)
                if story:
                    found[workload.owner] = story
        return found
