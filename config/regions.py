"""Which regions and availability zones people may write, and what a registry needs of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from config.problems import Problem
from facts.authorities import PACKED_AUTHORITIES
from facts.regions import REGIONS

SILO_ZONES: Final = 2
"""Availability zones that a silo is in: the first ones of the environment's."""
PLATFORM_ZONES: Final = 3
"""Availability zones that the platform is in."""
KNOWN_REGION: Final = "|".join(REGIONS.value)
"""A pattern of the regions that stacks can be deployed to."""

REGION_EXPECTED: Final = (
    "a region of facts/regions.py, such as 'us-east-1': a newer one is added there; those of China, of the European "
    "sovereign cloud and of secret partitions are not supported"
)
ZONES_EXPECTED: Final = (
    "two or three zones of AWS_REGION, each once, separated by commas, such as 'us-east-1a,us-east-1b,us-east-1c': "
    "silos are in the first two, the platform in all three"
)


def region(name: str) -> str:
    """Return `name`, a region that stacks can be deployed to.

    Raises:
        ValueError: AWS has no such region, or it is not supported.
    """
    if name not in REGIONS.value:
        raise ValueError("no region")
    return name


def zone_letters(region: str, zones: tuple[str, ...]) -> tuple[str, ...]:
    """Return the letters of `zones` of `region`, or, where none are named, of the ones that accounts see there.

    Raises:
        ValueError: none are named, and which ones an account sees differs there.
    """
    letters = tuple(zone.removeprefix(region) for zone in zones) or tuple(REGIONS.value[region].zones)
    if not letters:
        raise ValueError(f"received no zones, expected zones of {region}")
    return letters[:PLATFORM_ZONES]


def zone_problems(region: str, zones: tuple[str, ...]) -> Iterator[Problem]:
    """Yield what is wrong with `zones`, as `AVAILABILITY_ZONES` names them, in `region`."""
    where = "AVAILABILITY_ZONES"
    if not zones and REGIONS.value[region].zones_differ:
        look = f"`aws ec2 describe-availability-zones --region {region}`"
        expected = f"{ZONES_EXPECTED}; which ones an account has differs in {region} ({look})"
        yield Problem(where=where, received=None, expected=expected)
    elif zones and not _are_zones(region, zones):
        yield Problem(where=where, received=",".join(zones), expected=ZONES_EXPECTED)


def registry_problems(
    region: str, zones: tuple[str, ...], *, platform: bool, fargate_tenants: bool
) -> Iterator[Problem]:
    """Yield what the registry has and `region`, or the chosen `zones`, cannot hold.

    Args:
        region: of all stacks.
        zones: as `AVAILABILITY_ZONES` names them; empty where it does not.
        platform: whether the registry has a platform.
        fargate_tenants: whether the registry has tenants on it, whose logins are created over TLS.
    """
    if platform and len(zone_letters(region, zones)) < PLATFORM_ZONES:
        expected = f"{PLATFORM_ZONES} zones, or a registry without a 'platform', which is in {PLATFORM_ZONES}"
        yield Problem(where="AVAILABILITY_ZONES", received=",".join(zones), expected=expected)
    if fargate_tenants and region not in PACKED_AUTHORITIES.value:
        expected = (
            "a region of facts/authorities.py, or a registry without 'fargate': logins are created over TLS, and "
            "the certificate authority of Amazon RDS in this region is not among those that can be packed"
        )
        yield Problem(where="AWS_REGION", received=region, expected=expected)


def _are_zones(region: str, zones: tuple[str, ...]) -> bool:
    letters = [zone.removeprefix(region) for zone in zones if zone.startswith(region)]
    right = [letter for letter in letters if len(letter) == 1 and "a" <= letter <= "z"]
    return len(set(right)) == len(zones) and SILO_ZONES <= len(zones) <= PLATFORM_ZONES
