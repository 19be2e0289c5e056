"""What a registry has and a region cannot hold, and the zones that stacks are in."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.loading import load
from config.problems import ConfigurationError
from config.regions import zone_letters
from facts.authorities import PACKED_AUTHORITIES
from facts.regions import REGIONS

SILOS = "{acme: {silo: {cidr: 10.1.0.0/16}}}"
FARGATE = "{acme: {fargate: {listener_priority: 1}}}"


def problems(folder: Path, tenants: str, platform: str = "null", **variables: str) -> list[str]:
    file = folder / "tenants.yaml"
    file.write_text(f"created_at: '2026-01-01T00:00:00Z'\nplatform: {platform}\ntenants: {tenants}\n")
    try:
        load(variables, root=folder)
    except ConfigurationError as error:
        return str(error).splitlines()
    return []


@pytest.mark.parametrize("region", sorted(set(REGIONS.value) - {"us-west-1"}))
def test_silos_alone_are_held_by_every_region(region: str, tmp_path: Path) -> None:
    assert problems(tmp_path, SILOS, AWS_REGION=region) == []


@pytest.mark.parametrize("region", sorted(PACKED_AUTHORITIES.value - {"us-west-1"}))
def test_fargate_tenants_are_held_where_the_databases_authority_is_packed(
    region: str, tmp_path: Path
) -> None:
    assert problems(tmp_path, FARGATE, "{}", AWS_REGION=region) == []


@pytest.mark.parametrize("region", sorted(set(REGIONS.value) - PACKED_AUTHORITIES.value))
def test_fargate_tenants_are_refused_elsewhere(region: str, tmp_path: Path) -> None:
    (line,) = problems(tmp_path, FARGATE, "{}", AWS_REGION=region)
    assert line == (
        f"AWS_REGION: received {region!r}, expected a region of facts/authorities.py, or a registry without "
        "'fargate': logins are created over TLS, and the certificate authority of Amazon RDS in this region is not "
        "among those that can be packed"
    )


def test_a_platform_without_tenants_creates_no_login(tmp_path: Path) -> None:
    assert problems(tmp_path, SILOS, "{}", AWS_REGION="il-central-1") == []


def test_silos_are_held_by_the_two_zones_of_an_account_in_california(tmp_path: Path) -> None:
    zones = {"AWS_REGION": "us-west-1", "AVAILABILITY_ZONES": "us-west-1a,us-west-1c"}
    assert problems(tmp_path, SILOS, **zones) == []


def test_a_platform_needs_three(tmp_path: Path) -> None:
    zones = {"AWS_REGION": "us-west-1", "AVAILABILITY_ZONES": "us-west-1a,us-west-1c"}
    (line,) = problems(tmp_path, FARGATE, "{}", **zones)
    assert line == (
        "AVAILABILITY_ZONES: received 'us-west-1a,us-west-1c', expected 3 zones, or a registry without a 'platform', "
        "which is in 3"
    )
    zones["AVAILABILITY_ZONES"] += ",us-west-1b"
    assert problems(tmp_path, FARGATE, "{}", **zones) == []


@pytest.mark.parametrize(
    ("region", "zones", "letters"),
    [
        ("us-east-1", (), "abc"),
        ("ap-northeast-1", (), "acd"),
        ("ca-central-1", (), "abd"),
        ("us-gov-west-1", (), "abc"),
        ("us-east-1", ("us-east-1f", "us-east-1a"), "fa"),
    ],
)
def test_zones_are_those_that_are_named_or_that_accounts_see(
    region: str, zones: tuple[str, ...], letters: str
) -> None:
    assert "".join(zone_letters(region, zones)) == letters


def test_no_zone_is_guessed() -> None:
    with pytest.raises(ValueError, match=r"^received no zones, expected zones of us-west-1$"):
        zone_letters("us-west-1", ())
