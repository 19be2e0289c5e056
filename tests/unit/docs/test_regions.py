"""Regions that docs/operations.md names: those that the facts say."""

from __future__ import annotations

import re
from pathlib import Path

from facts.authorities import PACKED_AUTHORITIES
from facts.regions import REGIONS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "operations.md").read_text()


def row(what: str, pattern: str) -> re.Match[str]:
    found = re.search(rf"^\| {what} \| {pattern} \|", PAGE, re.MULTILINE)
    assert found, what
    return found


def test_the_page_names_the_regions_that_the_platform_is_refused_in() -> None:
    named = row("the platform with Fargate tenants", "([^|]+)")[1].split(", ")
    assert set(named) == set(REGIONS.value) - PACKED_AUTHORITIES.value


def test_the_page_names_the_regions_with_unusual_zones() -> None:
    unusual = {name for name, region in REGIONS.value.items() if not region.zones.startswith("abc")}
    differing = {name for name in unusual if REGIONS.value[name].zones_differ}
    assert {row("zones", "(us-west-1)")[1]} == differing
    assert set(row("zones", "(ap-northeast-1, ca-central-1)")[1].split(", ")) == unusual - differing
