"""What the registry says of the platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.problems import ConfigurationError
from config.profiles import DEVELOPMENT
from config.registry.loading import load_registry
from config.registry.models import DOMAIN_LENGTH, Registry


def load(tmp_path: Path, platform: str) -> Registry:
    file = tmp_path / "tenants.yaml"
    file.write_text(f"created_at: 2026-01-01T00:00:00Z\nplatform: {platform}\ntenants: {{}}\n")
    return load_registry(file, name="tenants.yaml", profile=DEVELOPMENT)


def domain(length: int) -> str:
    return "a" * (length - len("." + "b" * 60 + ".example")) + "." + "b" * 60 + ".example"


@pytest.mark.parametrize("prefix", [16, 20])
def test_a_block_with_room_for_the_subnets(tmp_path: Path, prefix: int) -> None:
    registry = load(tmp_path, f"{{cidr: 10.0.0.0/{prefix}}}")
    assert registry.platform
    assert registry.platform.cidr.prefixlen == prefix


def test_a_block_without_room_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as raised:
        load(tmp_path, "{cidr: 10.0.0.0/21}")
    assert str(raised.value) == (
        "tenants.yaml:2: platform.cidr: received '10.0.0.0/21', expected a network inside 10.0.0.0/8, 172.16.0.0/12 or "
        "192.168.0.0/16, from /16 to /20, such as '10.0.0.0/16'"
    )


def test_a_domain_fits_a_load_balancers_rule(tmp_path: Path) -> None:
    assert load(tmp_path, f"{{domain: {domain(DOMAIN_LENGTH)}}}").platform
    with pytest.raises(
        ConfigurationError, match=r"platform\.domain: received .*, expected a domain name of at most 95"
    ):
        load(tmp_path, f"{{domain: {domain(DOMAIN_LENGTH + 1)}}}")
