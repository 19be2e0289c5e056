"""Physical names: within every service's limits, and never shared by two tenants."""

from __future__ import annotations

import re
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import naming
from config.naming import Limit, Naming, TenantNaming, fitted
from config.registry import TENANT_ID, TENANT_ID_LENGTH

BY_SERVICE = {
    naming.S3: ["data_bucket"],
    naming.IAM_ROLE: ["api_function_role", "provisioner_function_role", "flow_logs_role"],
    naming.LAMBDA: ["api_function", "provisioner_function"],
    naming.RULE: ["signup_rule"],
    naming.RULE_TARGET: ["signup_target"],
    naming.KMS_ALIAS: ["key_alias"],
    naming.DYNAMODB: ["metadata_table"],
    naming.SQS: ["functions_dlq", "events_dlq"],
    naming.LOG_GROUP: ["flow_log_group", "http_api_log_group"],
    naming.SECURITY_GROUP: ["security_group"],
    naming.HTTP_API: ["http_api"],
    naming.USER_POOL: ["user_pool"],
    naming.TAG: ["vpc", "route_table"],
}
GLOBAL = [limit for limit in BY_SERVICE if limit not in {naming.RULE_TARGET, naming.TAG}]
slugs = st.from_regex(TENANT_ID, fullmatch=True).filter(lambda slug: len(slug) <= TENANT_ID_LENGTH)
suffixes = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)


def names(tenant: TenantNaming, limit: Limit) -> list[str]:
    return [getattr(tenant, role) for role in BY_SERVICE[limit]]


def test_the_contract_names_of_a_tenant() -> None:
    acme = Naming(suffix="dev").tenant("acme-corp")
    assert acme.stack == "tenant-acme-corp-dev"
    assert acme.vpc == "tenant-acme-corp-vpc-dev"
    assert [acme.subnet(0), acme.subnet(1)] == [
        "tenant-acme-corp-subnet-0-dev",
        "tenant-acme-corp-subnet-1-dev",
    ]
    assert acme.security_group == "tenant-acme-corp-sg-dev"
    assert acme.key_alias == "alias/tenant-acme-corp-dev"
    assert acme.data_bucket == "tenant-acme-corp-data-dev"
    assert acme.metadata_table == "tenant-acme-corp-metadata-dev"
    assert acme.api_function_role == "tenant-acme-corp-lambda-role-dev"
    assert acme.api_function == "tenant-acme-corp-api-dev"
    assert acme.http_api == "tenant-acme-corp-http-dev"
    assert acme.provisioner_function == "tenant-acme-corp-provisioner-dev"
    assert acme.signup_rule == "tenant-acme-corp-signup-rule-dev"
    assert acme.signup_target == "tenant-acme-corp-lambda-target"
    assert acme.function_log_group(acme.api_function) == "/aws/lambda/tenant-acme-corp-api-dev"
    assert acme.output("tenant-endpoint") == "tenant-endpoint-acme-corp-dev"


@pytest.mark.parametrize("limit", BY_SERVICE, ids=lambda limit: limit.service)
@pytest.mark.parametrize(("tenant", "suffix"), [("a", "1"), ("a" * 30, "b" * 12), ("a-1" * 10, "0" * 12)])
def test_the_shortest_and_the_longest_tenant_fit_every_service(
    limit: Limit, tenant: str, suffix: str
) -> None:
    for name in names(TenantNaming(tenant=tenant, suffix=suffix), limit):
        assert len(name) <= limit.length
        assert re.fullmatch(limit.pattern, name)


def test_a_name_at_the_limit_is_whole_and_one_above_is_cut_with_a_hash() -> None:
    assert fitted("a" * 63, naming.S3) == "a" * 63
    cut = fitted("a" * 64, naming.S3)
    assert len(cut) == 63
    assert re.fullmatch(r"a{54}-[0-9a-f]{8}", cut)
    assert fitted("a" * 64, naming.S3) == cut
    assert fitted("a" * 65, naming.S3) != cut


def test_a_cut_never_ends_in_two_hyphens() -> None:
    assert "--" not in fitted("a" * 53 + "-" + "b" * 20, naming.S3)


@pytest.mark.parametrize("name", ["Upper", "under_score", "sp ace", "a", "-a-", "ä-b-c"])
def test_a_name_that_a_service_refuses_is_refused_with_the_rule(name: str) -> None:
    with pytest.raises(ValueError, match=f"S3 bucket: received the name '{name}', expected"):
        fitted(name, naming.S3)


@given(first=slugs, second=slugs, suffix=suffixes)
def test_two_tenants_never_share_a_name(first: str, second: str, suffix: str) -> None:
    if first == second:
        return
    mine, theirs = (TenantNaming(tenant=tenant, suffix=suffix) for tenant in (first, second))
    for limit in GLOBAL:
        assert not set(names(mine, limit)) & set(names(theirs, limit))


@pytest.mark.parametrize("limit", GLOBAL, ids=lambda limit: limit.service)
def test_a_tenant_named_after_anothers_resource_does_not_get_its_name(limit: Limit) -> None:
    """Tenant `x-provisioner` must not make a name that tenant `x` has."""
    first = TenantNaming(tenant="x", suffix="test")
    roles = {name.removeprefix("tenant-x-").removesuffix("-test") for name in names(first, limit)}
    words = {"-".join(role.split("-")[:end]) for role in roles for end in range(1, 4)}
    for word in words:
        second = TenantNaming(tenant=re.sub(r"[^a-z0-9-]", "", f"x-{word}"), suffix="test")
        assert not set(names(first, limit)) & set(names(second, limit)), second.tenant


@given(tenants=st.tuples(slugs, slugs), environments=st.tuples(suffixes, suffixes))
def test_two_environments_never_share_a_bucket(
    tenants: tuple[str, str], environments: tuple[str, str]
) -> None:
    pairs = set(zip(tenants, environments, strict=True))
    assert len({TenantNaming(tenant=t, suffix=s).data_bucket for t, s in pairs}) == len(pairs)


def test_all_names_of_one_tenant_and_service_differ() -> None:
    tenant = TenantNaming(tenant="a" * 30, suffix="b" * 12)
    for limit, (one, other) in product(BY_SERVICE, [(0, 1), (1, 2), (0, 2)]):
        found = names(tenant, limit)
        if other < len(found):
            assert found[one] != found[other]


def test_each_stack_has_a_state_of_its_own() -> None:
    assert Naming.state_key("tenant-acme-corp-dev") == "tenant-acme-corp-dev/terraform.tfstate"
