"""More hosts than the web ACL has capacity for are refused before anything is synthesized."""

from __future__ import annotations

from typing import Any

import pytest

from config.problems import ConfigurationError
from facts.web_acl_units import MOST_UNITS, capacity
from tests.synthesis import PRODUCTION, fargate_registry, synthesize

COUNTS = {"web_acl_counts": "Its customers send what looks like SQL."}


def registry(tenants: int) -> dict[str, Any]:
    """Tenants with three hosts of their own each, whose requests are counted."""
    found = fargate_registry(*(f"tenant-{number}" for number in range(tenants)))
    for id_, tenant in found["tenants"].items():
        names = [f"{shop}.{id_}.example" for shop in ("a", "b", "c")]
        hosts = {"names": names, "hosted_zone_id": "Z0123456789ABCDEFGHIJ"}
        tenant["fargate"] |= {"custom_hosts": hosts, **COUNTS}
    return found


def test_what_fits_is_synthesized() -> None:
    acl = synthesize(registry(8), **PRODUCTION).platform("test").one("aws_wafv2_web_acl")
    assert MOST_UNITS.value - 300 < capacity(acl["rule"]) <= MOST_UNITS.value


def test_more_is_refused_with_the_figures() -> None:
    with pytest.raises(ConfigurationError) as refused:
        synthesize(registry(9), **PRODUCTION)
    (line,) = str(refused.value).splitlines()
    assert line == (
        "tenants: received '5165 capacity units of the web ACL', expected at most 5000, which AWS gives a web ACL: "
        "fewer tenants with 'web_acl_counts' (28 patterns of hosts) or 'large_bodies' (0), or fewer 'custom_hosts' of "
        "theirs"
    )
