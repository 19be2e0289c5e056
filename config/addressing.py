"""Network addresses, as pure functions of a VPC's block and the region's availability zones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

SUBNET_PREFIX: Final = 24
PLATFORM_ZONES: Final = ("a", "b", "c")
"""Letters of the platform's availability zones: given, so that synthesis asks AWS nothing."""
FIRST_PUBLIC, FIRST_PRIVATE = 1, 11
"""Third octets of the platform's first public and first private subnet in a block such as 10.0.0.0/16."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformSubnets:
    """The platform's subnets by zone letter.

    Attributes:
        public: with a route to the internet; for the load balancer and the NAT gateways.
        private: for the tasks, the functions and the database.
    """

    public: Mapping[str, IPv4Network]
    private: Mapping[str, IPv4Network]


def platform_subnets(block: IPv4Network, zones: tuple[str, ...] = PLATFORM_ZONES) -> PlatformSubnets:
    """Return a public and a private /24 of `block` for each of `zones` (letters).

    Of 10.0.0.0/16 they are 10.0.1.0/24, 10.0.2.0/24, ... and 10.0.11.0/24, 10.0.12.0/24, ...

    A zone keeps its subnets when another is added behind it.

    Raises:
        ValueError: the zones are more than fit between the first public and the first private subnet, or `block` has
            no room for them.
    """
    available = 2 ** max(0, SUBNET_PREFIX - block.prefixlen)
    if block.prefixlen > SUBNET_PREFIX or available < FIRST_PRIVATE + len(zones):
        raise ValueError(
            f"received the block {block}, expected room for {FIRST_PRIVATE + len(zones)} subnets of /{SUBNET_PREFIX}"
        )
    if len(zones) > FIRST_PRIVATE - FIRST_PUBLIC:
        raise ValueError(f"received {len(zones)} zones, expected {FIRST_PRIVATE - FIRST_PUBLIC} or fewer")
    blocks = list(block.subnets(new_prefix=SUBNET_PREFIX))
    return PlatformSubnets(
        public=dict(zip(zones, blocks[FIRST_PUBLIC:], strict=False)),
        private=dict(zip(zones, blocks[FIRST_PRIVATE:], strict=False)),
    )
