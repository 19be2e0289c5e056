"""Physical names on the shared platform."""

from __future__ import annotations

import inspect
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.naming import (
    LOAD_BALANCER,
    RDS,
    SECRET,
    FargateTenantNaming,
    Naming,
    PlatformNaming,
    TenantNaming,
    fitted,
)
from config.registry import TENANT_ID, TENANT_ID_LENGTH

tenants = st.from_regex(re.compile(TENANT_ID), fullmatch=True).filter(lambda t: len(t) <= TENANT_ID_LENGTH)
suffixes = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)
LONGEST, LONGEST_SUFFIX = "a" * TENANT_ID_LENGTH, "s" * 12


def names(naming: FargateTenantNaming | PlatformNaming | TenantNaming) -> dict[str, str]:
    """Every name that takes no argument, by property."""
    found = inspect.getmembers(type(naming), lambda member: isinstance(member, property))
    return {name: getattr(naming, name) for name, _ in found}


def test_the_contracts_names() -> None:
    naming = Naming(suffix="dev").platform
    tenant = naming.tenant("acme-corp")
    assert naming.stack == "shared-platform-dev"
    assert tenant.data_bucket == "saas-platform-acme-corp-data-dev"
    assert tenant.database_secret == "rds/tenant/acme-corp/dev/password"
    assert tenant.log_group == "/ecs/tenant/acme-corp/dev"
    assert tenant.database_user == "tenant_acme_corp"
    assert tenant.output("db_connection") == "acme-corp_db_connection"


def test_the_longest_tenant_and_suffix_fit_every_service() -> None:
    platform = Naming(suffix=LONGEST_SUFFIX).platform
    tenant = platform.tenant(LONGEST)
    assert len(tenant.data_bucket) <= 63
    assert len(tenant.target_group) <= 32
    assert len(tenant.execution_role) <= 64
    assert len(platform.load_balancer) <= 32
    assert names(platform)
    assert names(tenant)
    # PostgreSQL cuts a name at 63 bytes, and the provisioner puts `retired_` before it.
    assert len(f"retired_{tenant.database_user}") <= 63


@given(one=tenants, other=tenants, suffix=suffixes, other_suffix=suffixes)
@settings(max_examples=300, deadline=None)
def test_no_two_tenants_and_no_two_environments_share_a_name(
    one: str, other: str, suffix: str, other_suffix: str
) -> None:
    if (one, suffix) == (other, other_suffix):
        return
    shared_in_a_cluster = {"database_user", "tenant", "suffix"}
    first, second = (
        names(FargateTenantNaming(tenant=t, suffix=s)) for t, s in ((one, suffix), (other, other_suffix))
    )
    roles = [role for role in first if role not in shared_in_a_cluster]
    same_kind = ("task_role", "execution_role")
    for role in roles:
        assert first[role] != second[role]
    assert {first[role] for role in same_kind}.isdisjoint(second[role] for role in same_kind)
    if one != other:
        assert first["database_user"] != second["database_user"]


@given(tenant=tenants, other=tenants, suffix=suffixes)
@settings(max_examples=300, deadline=None)
def test_no_tenants_name_is_the_platforms_or_a_silos(tenant: str, other: str, suffix: str) -> None:
    own = set(names(FargateTenantNaming(tenant=tenant, suffix=suffix)).values())
    assert own.isdisjoint(names(PlatformNaming(suffix=suffix)).values())
    assert own.isdisjoint(names(TenantNaming(tenant=other, suffix=suffix)).values())


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("internal-shop", LOAD_BALANCER),
        ("a--b", RDS),
        ("1a", RDS),
        ("a-", RDS),
        ("secret-abcdef", SECRET),
    ],
)
def test_what_a_service_refuses_is_refused_here(name: str, limit: object) -> None:
    with pytest.raises(ValueError, match="received the name"):
        fitted(name, limit)  # type: ignore[arg-type]
