"""The networks that a silo and the platform may have."""

from __future__ import annotations

import re
from ipaddress import IPv4Network
from typing import Annotated, Final

from pydantic import BeforeValidator, WithJsonSchema

PRIVATE_RANGES: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""RFC 1918."""
SHORTEST_PREFIX, LONGEST_PREFIX = 16, 22
"""A VPC takes /16 to /28 (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html); below /22
there is no room for two subnets of 256 addresses and as many again to grow into."""
LONGEST_PLATFORM_PREFIX: Final = 20
"""The platform's subnets are the second to the fourth and the twelfth to the fourteenth /24 of its block."""
_WRITTEN_CIDR: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}/[1-9][0-9]?")
"""Python also reads a mask, or zeros in front."""


def silo_cidr(value: object) -> IPv4Network:
    """Return the network that `value` names, which a silo may have.

    Raises:
        ValueError: it is not a network, is a public one, or has the wrong size.
    """
    if not isinstance(value, str) or not _WRITTEN_CIDR.fullmatch(value):
        raise ValueError("not a network")
    network = IPv4Network(value)
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        raise ValueError("not private")
    if not SHORTEST_PREFIX <= network.prefixlen <= LONGEST_PREFIX:
        raise ValueError("wrong size")
    return network


def platform_cidr(value: object) -> IPv4Network:
    """Return the network that `value` names, which the platform may have.

    Raises:
        ValueError: it is not a network, is a public one, or has the wrong size.
    """
    network = silo_cidr(value)
    if network.prefixlen > LONGEST_PLATFORM_PREFIX:
        raise ValueError("wrong size")
    return network


def _cidr_pattern(longest: int) -> str:
    """Return the pattern of the private networks from `SHORTEST_PREFIX` to `longest`."""
    octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
    thirds = "|".join(
        f"({'|'.join(map(str, range(0, 256, 1 << (24 - length))))})\\.0/{length}"
        for length in range(SHORTEST_PREFIX, longest + 1)
    )
    return rf"^(10\.{octet}|172\.(1[6-9]|2[0-9]|3[01])|192\.168)\.({thirds})$"


SiloCidr = Annotated[
    IPv4Network,
    BeforeValidator(silo_cidr),
    WithJsonSchema({"type": "string", "pattern": _cidr_pattern(LONGEST_PREFIX)}),
]
PlatformCidr = Annotated[
    IPv4Network,
    BeforeValidator(platform_cidr),
    WithJsonSchema({"type": "string", "pattern": _cidr_pattern(LONGEST_PLATFORM_PREFIX)}),
]
NETWORK_EXPECTED: Final = (
    "a network inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, from /16 to /22, such as '10.4.0.0/16'"
)
PLATFORM_NETWORK_EXPECTED: Final = (
    "a network inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, from /16 to /20, such as '10.0.0.0/16'"
)
