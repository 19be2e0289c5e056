"""The platform's subnets, as a pure function of its block."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest

from tenancy.addressing import platform_addresses


def test_a_block_of_the_contract() -> None:
    subnets = platform_addresses(IPv4Network("10.0.0.0/16"))
    assert {zone: str(block) for zone, block in subnets.public.items()} == {
        "a": "10.0.1.0/24",
        "b": "10.0.2.0/24",
        "c": "10.0.3.0/24",
    }
    assert {zone: str(block) for zone, block in subnets.private.items()} == {
        "a": "10.0.11.0/24",
        "b": "10.0.12.0/24",
        "c": "10.0.13.0/24",
    }


@pytest.mark.parametrize("prefix", [16, 18, 20])
def test_subnets_lie_in_the_block_and_apart(prefix: int) -> None:
    block = IPv4Network(f"172.16.64.0/{prefix}", strict=False)
    subnets = platform_addresses(block)
    found = [*subnets.public.values(), *subnets.private.values()]
    assert len(found) == 6
    assert all(subnet.subnet_of(block) and subnet.prefixlen == 24 for subnet in found)
    assert not any(one.overlaps(other) for one in found for other in found if one is not other)


def test_a_zone_keeps_its_subnets_when_another_comes() -> None:
    block = IPv4Network("10.0.0.0/16")
    before, after = platform_addresses(block, ("a", "b")), platform_addresses(block, ("a", "b", "c"))
    assert before.public.items() <= after.public.items()
    assert before.private.items() <= after.private.items()


@pytest.mark.parametrize(
    ("block", "zones", "message"),
    [
        ("10.0.0.0/21", "abc", "received the block 10.0.0.0/21, expected room for 14 subnets of /24"),
        ("10.0.0.0/26", "abc", "received the block 10.0.0.0/26, expected room for 14 subnets of /24"),
        ("10.0.0.0/16", "abcdefghijk", "received 11 zones, expected 10 or fewer"),
    ],
)
def test_what_has_no_room_is_refused(block: str, zones: str, message: str) -> None:
    with pytest.raises(ValueError, match=f"^{message}$"):
        platform_addresses(IPv4Network(block), tuple(zones))
