"""Claim 2: in a VPC that tenants share, no security group admits another tenant, nor the internet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from isolation.model.caller import ANONYMOUS
from isolation.network.layout import Layout, Workload
from isolation.network.packets import Packets
from isolation.network.path import NetworkPath


def shared_networks(layout: Layout, packets: Packets) -> Iterator[NetworkPath]:
    """Return the ways between workloads of different tenants in one VPC, and those from the internet."""
    by_vpc: dict[str, list[Workload]] = defaultdict(list)
    for workload in layout.workloads:
        by_vpc[workload.vpc].append(workload)
        yield from _memberships(layout, workload)
        yield from _from_the_internet(layout, packets, workload)
    for together in by_vpc.values():
        for start in together:
            for end in together:
                if start.owner != end.owner:
                    yield from _between(layout, packets, start, end)


def _memberships(layout: Layout, workload: Workload) -> Iterator[NetworkPath]:
    for group in sorted(workload.groups):
        owner, address = layout.groups.get(group, (None, ""))
        if owner is not None and owner != workload.owner:
            story = (f"{workload.address} is a member of {address}, a security group of {owner}",)
            yield NetworkPath(workload.owner, owner, certain=True, story=story)


def _between(layout: Layout, packets: Packets, start: Workload, end: Workload) -> Iterator[NetworkPath]:
    story = packets.admitted(start, end)
    if story:
        doubtful = [rule for group in end.groups for rule in layout.inward(group) if rule.doubt]
        certain = not any(rule.address in story for rule in doubtful)
        yield NetworkPath(start.owner, end.owner, certain=certain, story=(story,))


def _from_the_internet(layout: Layout, packets: Packets, workload: Workload) -> Iterator[NetworkPath]:
    known = layout.vpcs.get(workload.vpc)
    if not workload.public or known is None or known[1] is None:
        return
    for group in sorted(workload.groups):
        for rule in layout.inward(group):
            source = packets.from_outside(rule, known[1])
            if source:
                packet = f"{source} on the internet to {workload.address}, which has a public address"
                story = (packet, f"in by {rule.address}")
                yield NetworkPath(ANONYMOUS, workload.owner, certain=not rule.doubt, story=story)
