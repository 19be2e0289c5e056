"""Network addresses, as pure functions of a VPC's block and the region's availability zones."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Final

SUBNET_PREFIX: Final = 24


def silo_subnets(block: IPv4Network, zones: tuple[str, ...] = ("a", "b")) -> Mapping[str, IPv4Network]:
    """Return the private subnet of each of `zones` (letters): the first /24 blocks of `block`, in order.

    Raises:
        ValueError: `block` has fewer /24 blocks than there are zones.
    """
    available = 2 ** max(0, SUBNET_PREFIX - block.prefixlen)
    if block.prefixlen > SUBNET_PREFIX or available < len(zones):
        raise ValueError(
            f"received the block {block}, expected room for {len(zones)} subnets of /{SUBNET_PREFIX}"
        )
    return dict(zip(zones, block.subnets(new_prefix=SUBNET_PREFIX), strict=False))
