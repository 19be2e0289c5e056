"""What a tenant's id may be, and where its items are."""

import re

import pytest

from runtime.silo import TENANT_ID_PATTERN, item_key


@pytest.mark.parametrize("tenant", ["a", "1", "acme-corp", "a--b", "a" * 63])
def test_a_slug_is_a_tenants_id(tenant: str) -> None:
    assert re.fullmatch(TENANT_ID_PATTERN, tenant)


@pytest.mark.parametrize("tenant", ["", "-", "-a", "a-", "A", "a_b", "a b", "a\n", "ä", "a" * 64])
def test_anything_else_is_not(tenant: str) -> None:
    assert not re.fullmatch(TENANT_ID_PATTERN, tenant)


def test_an_item_is_found_by_tenant_and_type() -> None:
    assert item_key("acme-corp", "profile") == {
        "tenant_id": {"S": "acme-corp"},
        "resource_type": {"S": "profile"},
    }
