"""Network addresses."""

from __future__ import annotations

from ipaddress import IPv4Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenancy.addressing import silo_addresses


def test_a_16_gives_its_first_two_24s() -> None:
    subnets = silo_addresses(IPv4Network("10.1.0.0/16")).private
    assert {zone: str(block) for zone, block in subnets.items()} == {"a": "10.1.0.0/24", "b": "10.1.1.0/24"}


def test_a_22_in_the_middle_of_a_16_gives_its_own_first_two_24s() -> None:
    subnets = silo_addresses(IPv4Network("10.1.8.0/22")).private
    assert [str(block) for block in subnets.values()] == ["10.1.8.0/24", "10.1.9.0/24"]


@given(prefix=st.integers(16, 22), position=st.integers(0, 63))
def test_subnets_lie_in_their_block_and_apart(prefix: int, position: int) -> None:
    block = IPv4Network(
        (int(IPv4Network("10.0.0.0/8").network_address) + position * 2 ** (32 - prefix), prefix)
    )
    first, second = silo_addresses(block).private.values()
    assert first.subnet_of(block)
    assert second.subnet_of(block)
    assert not first.overlaps(second)
    assert first.prefixlen == second.prefixlen == 24


@pytest.mark.parametrize("block", ["10.0.0.0/24", "10.0.0.0/25"])
def test_a_block_without_room_is_refused(block: str) -> None:
    with pytest.raises(ValueError, match=f"received the block {block}, expected room for 2 subnets of /24"):
        silo_addresses(IPv4Network(block))
