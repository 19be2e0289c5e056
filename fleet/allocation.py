"""What is free: the lowest network and the lowest listener priority that nobody has, or ever had. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from typing import Final

from config.registry.fields import LISTENER_PRIORITIES
from config.registry.models import Platform, Registry
from config.registry.networks import LONGEST_PREFIX, PRIVATE_RANGES, SHORTEST_PREFIX

DEFAULT_PREFIX: Final = 20
"""A silo takes two /24 of it, and as many again would fit seven times. Private addresses hold 4,368 such networks, and
273 of the largest size, /16, which are never given out twice."""
PREFIXES: Final = range(SHORTEST_PREFIX, LONGEST_PREFIX + 1)


def free_networks(registry: Registry, prefix: int) -> tuple[IPv4Network | None, int]:
    """Return the lowest free network of `/prefix`, or `None`, and how many there are with it.

    The network that a platform has by default is not free, even where there is no platform yet.
    """
    first, count = None, 0
    for start, end in _gaps(registry):
        size = 1 << (32 - prefix)
        lowest = -(-start // size) * size
        fitting = max((end - lowest) // size, 0)
        if fitting and first is None:
            first = IPv4Network((lowest, prefix))
        count += fitting
    return first, count


def _gaps(registry: Registry) -> Iterator[tuple[int, int]]:
    """Yield the private addresses between networks that were given out: first address, and the one after the last."""
    taken = sorted((int(one.network_address), int(one.broadcast_address) + 1) for one in _networks(registry))
    for block in PRIVATE_RANGES:
        start, end = int(block.network_address), int(block.broadcast_address) + 1
        for first, after in taken:
            # One inside another: without a platform, a silo may have part of the platform's default network.
            if start <= first < end or start < after <= end:
                yield start, first
                start = after
        yield start, end


def _networks(registry: Registry) -> Iterable[IPv4Network]:
    platform = registry.platform or Platform()
    yield platform.cidr
    yield from (silo.cidr for silo in registry.silos.values())
    yield from (one.cidr for one in registry.retired.values() if one.cidr)


def free_priorities(registry: Registry) -> tuple[int | None, int]:
    """Return the lowest free listener priority, or `None`, and how many there are with it."""
    taken = {fargate.listener_priority for fargate in registry.fargate_tenants.values()}
    taken |= {one.listener_priority for one in registry.retired.values() if one.listener_priority}
    first = next((priority for priority in LISTENER_PRIORITIES if priority not in taken), None)
    return first, len(LISTENER_PRIORITIES) - len(taken)
