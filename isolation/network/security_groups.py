"""Claim 2: in a VPC that tenants share, no security group admits another tenant, nor the internet."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv4Network

from isolation.model.caller import ANONYMOUS
from isolation.network.layout import Layout
from isolation.network.packets import Packets
from isolation.network.path import NetworkPath
from isolation.network.places import Workload
from isolation.network.rules import EVERYWHERE, Rule


def shared_networks(layout: Layout, packets: Packets) -> Iterator[NetworkPath]:
    """Return the ways between workloads of different tenants in one VPC, and those from the internet."""
    by_vpc: dict[str, list[Workload]] = defaultdict(list)
    for workload in layout.workloads:
        by_vpc[workload.vpc].append(workload)
        yield from _memberships(layout, workload)
    for workload in (*layout.workloads, *layout.databases):
        yield from _from_the_internet(layout, packets, workload)
    for vpc, together in by_vpc.items():
        yield from _among(packets, together, together)
        if vpc not in layout.vpcs:
            # A VPC by its id alone may be any of the others.
            for other, inside in by_vpc.items():
                if other != vpc:
                    for path in (*_among(packets, together, inside), *_among(packets, inside, together)):
                        yield replace(path, certain=False)


def _among(packets: Packets, starts: list[Workload], ends: list[Workload]) -> Iterator[NetworkPath]:
    """Return the ways from workloads to those of other tenants that their security groups open."""
    for start in starts:
        for end in ends:
            if start.owner != end.owner:
                story, certain = packets.admitted(start, end)
                if story:
                    yield NetworkPath(start.owner, end.owner, certain=certain, story=(story,))


def _memberships(layout: Layout, workload: Workload) -> Iterator[NetworkPath]:
    for group in sorted(workload.groups):
        owner, address = layout.groups.get(group, (None, ""))
        if owner is not None and owner != workload.owner:
            story = (f"{workload.address} is a member of {address}, a security group of {owner}",)
            yield NetworkPath(workload.owner, owner, certain=True, story=story)


def _from_the_internet(layout: Layout, packets: Packets, workload: Workload) -> Iterator[NetworkPath]:
    vpc = layout.vpcs[workload.vpc][1] if workload.vpc in layout.vpcs else None
    routed = workload.vpc in layout.gateways or workload.vpc not in layout.vpcs
    if not workload.public and not (workload.blocks_v6 and routed):
        return
    for group in sorted(workload.groups):
        for rule in layout.inward(group):
            source, certain = _source(packets, rule, workload, vpc)
            if source:
                packet = f"{source} on the internet to {workload.address}, which has a public address"
                story = (packet, f"in by {rule.address}")
                yield NetworkPath(ANONYMOUS, workload.owner, certain=certain, story=story)


def _source(packets: Packets, rule: Rule, workload: Workload, vpc: IPv4Network | None) -> tuple[str, bool]:
    """Return an address on the internet that `rule` admits to `workload`, and whether it certainly does."""
    if rule.doubt:
        return "somebody", False
    if workload.public:
        source, certain = packets.from_outside(rule, vpc)
        if source:
            return source, certain and (vpc is not None or EVERYWHERE in rule.blocks)
    return (packets.from_outside_v6(rule), True) if workload.blocks_v6 else ("", False)
