"""Physical names: within every service's limits, and never shared by two tenants. Every name is found by reflection."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config.registry.fields import TENANT_ID, TENANT_ID_LENGTH
from tenancy.names import fargate, limits, platform, silo
from tenancy.names.environment import EnvironmentNames
from tenancy.names.fargate import FargateTenantNames
from tenancy.names.limits import Limit, fitted
from tenancy.names.platform import PlatformNames
from tenancy.names.silo import SiloNames

Names = SiloNames | FargateTenantNames | PlatformNames

ARGUMENTS: Mapping[str, tuple[tuple[object, ...], ...]] = {
    "alarm": (("http-5xx",), ("dead-letters",)),
    "subnet": ((0,), (1,)),
    "endpoint": (("s3",), ("secretsmanager",)),
    "function_log_group": (),
    "output": (("tenant-endpoint",),),
    "route_table": (("public",), ("private-c",)),
    "nat_gateway": (("a",),),
    "database_instance": (("writer",), ("reader",)),
    "database_parameter_group": (("aurora-postgresql15",),),
}
"""What the names that take arguments are asked for."""
PLATFORM_SUBNETS = (("public", "a"), ("private", "c"))
UNLIMITED = frozenset(
    {"stack", "output", "database_user", "tenant_secrets", "tenant_key_aliases", "tenant_data_buckets"}
)
"""Names that no AWS service limits: of Terraform's, of PostgreSQL's (tested below), and patterns of names."""
SHARED_BY_ENVIRONMENTS = frozenset({"signup_target", "database_user", "output"})
"""Names inside something that one environment has alone: a rule's targets, a cluster's users, a stack's outputs."""

slugs = st.from_regex(re.compile(TENANT_ID), fullmatch=True).filter(
    lambda slug: len(slug) <= TENANT_ID_LENGTH
)
suffixes = st.from_regex(r"[a-z0-9]{1,12}", fullmatch=True)
LONGEST, LONGEST_SUFFIX = "a" * TENANT_ID_LENGTH, "s" * 12
EXAMPLES = settings().max_examples * 3 // 2
EXTREMES = [("a", "1"), (LONGEST, LONGEST_SUFFIX), ("a-1" * 10, "0" * 12)]


@dataclass(frozen=True)
class Name:
    """One physical name: what it is called here, and the limit of its service; `None` where no service limits it."""

    role: str
    text: str
    limit: Limit | None

    @property
    def unique(self) -> tuple[str, str]:
        """The name in the namespace of its service, where no other resource may have it."""
        return (self.limit.service if self.limit else self.role, self.text)


last_limits: list[Limit] = []
"""Limits of the names that were fitted since it was emptied; a name's own is the last."""


@pytest.fixture(autouse=True, scope="module")
def _noted_limits() -> Iterator[None]:
    def noted(name: str, limit: Limit) -> str:
        last_limits.append(limit)
        return fitted(name, limit)

    with pytest.MonkeyPatch.context() as patch:
        for module in (silo, fargate, platform):
            patch.setattr(module, "fitted", noted)
        yield


def every_name(names: Names) -> Iterator[Name]:
    """Each name, whether a property or a method."""
    given_fields = {field.name for field in fields(names)}
    for member, value in inspect.getmembers(type(names)):
        if member.startswith("_") or member in given_fields:
            continue
        asked: tuple[tuple[object, ...] | None, ...] = (None,)
        if not isinstance(value, property):
            of_platform = (member, type(names)) == ("subnet", PlatformNames)
            asked = PLATFORM_SUBNETS if of_platform else ARGUMENTS[member]
        for arguments in asked:
            last_limits.clear()
            attribute = getattr(names, member)
            text = attribute if arguments is None else attribute(*arguments)
            limit = last_limits[-1] if last_limits and member not in UNLIMITED else None
            yield Name(member if arguments is None else f"{member}{arguments}", text, limit)


def of_environment(tenant: str, suffix: str) -> list[Names]:
    names = EnvironmentNames(suffix=suffix)
    return [names.silo(tenant), names.fargate_tenant(tenant), names.platform]


def of_tenant(tenant: str, suffix: str) -> set[tuple[str, str]]:
    found = of_environment(tenant, suffix)[:2]
    return {name.unique for names in found for name in every_name(names)}


def test_the_contracts_names_of_a_silo() -> None:
    acme = EnvironmentNames(suffix="dev").silo("acme-corp")
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


def test_the_contracts_names_on_the_platform() -> None:
    names = EnvironmentNames(suffix="dev")
    tenant = names.fargate_tenant("acme-corp")
    assert names.platform.stack == "shared-platform-dev"
    assert tenant.data_bucket == "saas-platform-acme-corp-data-dev"
    assert tenant.database_secret == "rds/tenant/acme-corp/dev/password"
    assert tenant.log_group == "/ecs/tenant/acme-corp/dev"
    assert tenant.database_user == "tenant_acme_corp"
    assert tenant.output("db_connection") == "acme-corp_db_connection"


@pytest.mark.parametrize(("tenant", "suffix"), EXTREMES)
def test_every_name_of_the_shortest_and_the_longest_tenant_fits_its_service(tenant: str, suffix: str) -> None:
    for names in of_environment(tenant, suffix):
        found = list(every_name(names))
        assert len(found) > 10
        for name in found:
            if name.role.split("(")[0] in UNLIMITED:
                continue
            assert name.limit, name.role
            assert len(name.text) <= name.limit.length, name.role
            assert re.fullmatch(name.limit.pattern, name.text), name.role


def test_the_longest_database_user_fits_postgresql() -> None:
    """PostgreSQL cuts a name at 63 bytes, and the provisioner puts `retired_` in front of it."""
    user = EnvironmentNames(suffix=LONGEST_SUFFIX).fargate_tenant(LONGEST).database_user
    assert len(f"retired_{user}") <= 63


@given(one=slugs, other=slugs, suffix=suffixes)
@example(one="x", other="x-provisioner", suffix="test")
@example(one=LONGEST, other=f"{LONGEST[:-1]}b", suffix=LONGEST_SUFFIX)
@settings(max_examples=EXAMPLES)
def test_two_tenants_of_one_environment_never_share_a_name(one: str, other: str, suffix: str) -> None:
    if one != other:
        assert of_tenant(one, suffix).isdisjoint(of_tenant(other, suffix))


@given(one=slugs, other=slugs, suffix=suffixes)
@settings(max_examples=EXAMPLES)
def test_no_tenant_has_a_name_of_the_platform_or_of_the_other_kind_of_tenant(
    one: str, other: str, suffix: str
) -> None:
    names = EnvironmentNames(suffix=suffix)
    silo_names, fargate_names, platform_names = (
        {name.unique for name in every_name(found)}
        for found in (names.silo(one), names.fargate_tenant(other), names.platform)
    )
    assert silo_names.isdisjoint(platform_names)
    assert fargate_names.isdisjoint(platform_names)
    assert silo_names.isdisjoint(fargate_names)


@given(tenants=st.tuples(slugs, slugs), environments=st.tuples(suffixes, suffixes))
@settings(max_examples=EXAMPLES)
def test_two_environments_never_share_a_name(tenants: tuple[str, str], environments: tuple[str, str]) -> None:
    if environments[0] == environments[1]:
        return
    mine, theirs = (
        {
            name.unique
            for names in of_environment(tenant, suffix)
            for name in every_name(names)
            if name.role.split("(")[0] not in SHARED_BY_ENVIRONMENTS
        }
        for tenant, suffix in zip(tenants, environments, strict=True)
    )
    assert mine.isdisjoint(theirs)


def test_a_tenant_named_after_anothers_resource_does_not_get_its_name() -> None:
    """Tenant `x-provisioner` must have no name that tenant `x` has."""
    own = {name.unique for name in every_name(SiloNames(tenant="x", suffix="test"))}
    roles = {name.removeprefix("tenant-x-").removesuffix("-test") for _, name in own}
    words = {"-".join(role.split("-")[:end]) for role in roles for end in range(1, 4)}
    assert {"provisioner", "lambda", "functions"} <= words
    for word in words:
        other = SiloNames(tenant=re.sub(r"[^a-z0-9-]", "", f"x-{word}"), suffix="test")
        assert own.isdisjoint({name.unique for name in every_name(other)}), other.tenant


@pytest.mark.parametrize(("tenant", "suffix"), EXTREMES)
def test_all_names_of_one_service_differ(tenant: str, suffix: str) -> None:
    for names in of_environment(tenant, suffix):
        found = [name.unique for name in every_name(names)]
        assert len(found) == len(set(found))


def test_a_name_at_the_limit_is_whole_and_one_above_is_cut_with_a_hash() -> None:
    assert fitted("a" * 63, limits.S3) == "a" * 63
    cut = fitted("a" * 64, limits.S3)
    assert len(cut) == 63
    assert re.fullmatch(r"a{54}-[0-9a-f]{8}", cut)
    assert fitted("a" * 64, limits.S3) == cut
    assert fitted("a" * 65, limits.S3) != cut


def test_a_cut_never_ends_in_two_hyphens() -> None:
    assert "--" not in fitted("a" * 53 + "-" + "b" * 20, limits.S3)


@pytest.mark.parametrize("name", ["Upper", "under_score", "sp ace", "a", "-a-", "ä-b-c"])
def test_a_name_that_a_service_refuses_is_refused_with_the_rule(name: str) -> None:
    with pytest.raises(ValueError, match=f"S3 bucket: received the name '{name}', expected"):
        fitted(name, limits.S3)


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("internal-shop", limits.LOAD_BALANCER),
        ("a--b", limits.RDS),
        ("1a", limits.RDS),
        ("a-", limits.RDS),
        ("secret-abcdef", limits.SECRET),
        ("sg-mine", limits.SECURITY_GROUP),
    ],
)
def test_what_a_service_refuses_is_refused_here(name: str, limit: Limit) -> None:
    with pytest.raises(ValueError, match="received the name"):
        fitted(name, limit)


def test_each_stack_has_a_state_of_its_own() -> None:
    assert EnvironmentNames.state_key("tenant-acme-corp-dev") == "tenant-acme-corp-dev/terraform.tfstate"
