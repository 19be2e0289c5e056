"""Network addresses, as pure functions of a VPC's block and the letters of its availability zones.

The letters are given, so that synthesis asks AWS nothing. A zone's letter is part of its subnets' addresses in the
state, and its position decides their block: AWS replaces a subnet whose zone or block changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Final

SUBNET_PREFIX: Final = 24
FIRST_PUBLIC, FIRST_PRIVATE = 1, 11
"""Third octets of the platform's first public and first private subnet in a block such as 10.0.0.0/16."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiloAddresses:
    """The network of a silo.

    Attributes:
        block: the VPC's addresses.
        private: subnets without a route to the internet, by zone letter.
    """

    block: IPv4Network
    private: Mapping[str, IPv4Network]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformAddresses:
    """The network of the shared platform.

    Attributes:
        block: the VPC's addresses.
        public: subnets with a route to the internet, by zone letter: for the load balancer and the NAT gateways.
        private: subnets for the tasks, the functions and the database, by zone letter.
    """

    block: IPv4Network
    public: Mapping[str, IPv4Network]
    private: Mapping[str, IPv4Network]


def silo_addresses(block: IPv4Network, zones: tuple[str, ...] = ("a", "b")) -> SiloAddresses:
    """Return the network `block` with a private subnet in each of `zones` (letters): its first /24 blocks, in order.

    Raises:
        ValueError: `block` has fewer /24 blocks than there are zones.
    """
    _refuse_small(block, len(zones))
    subnets = block.subnets(new_prefix=SUBNET_PREFIX)
    return SiloAddresses(block=block, private=dict(zip(zones, subnets, strict=False)))


def platform_addresses(block: IPv4Network, zones: tuple[str, ...] = ("a", "b", "c")) -> PlatformAddresses:
    """Return the network `block` with a public and a private /24 in each of `zones` (letters).

    Of 10.0.0.0/16 they are 10.0.1.0/24, 10.0.2.0/24, ... and 10.0.11.0/24, 10.0.12.0/24, ...
    A zone keeps its subnets when another is added behind it.

    Raises:
        ValueError: the zones are more than fit between the first public and the first private subnet, or `block` has
            no room for them.
    """
    _refuse_small(block, FIRST_PRIVATE + len(zones))
    if len(zones) > FIRST_PRIVATE - FIRST_PUBLIC:
        raise ValueError(f"received {len(zones)} zones, expected {FIRST_PRIVATE - FIRST_PUBLIC} or fewer")
    subnets = list(block.subnets(new_prefix=SUBNET_PREFIX))
    return PlatformAddresses(
        block=block,
        public=dict(zip(zones, subnets[FIRST_PUBLIC:], strict=False)),
        private=dict(zip(zones, subnets[FIRST_PRIVATE:], strict=False)),
    )


def _refuse_small(block: IPv4Network, subnets: int) -> None:
    available = 2 ** max(0, SUBNET_PREFIX - block.prefixlen)
    if block.prefixlen > SUBNET_PREFIX or available < subnets:
        raise ValueError(
            f"received the block {block}, expected room for {subnets} subnets of /{SUBNET_PREFIX}"
        )
