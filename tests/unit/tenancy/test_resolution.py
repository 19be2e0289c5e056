"""Where settings, profile and registry meet: whose word counts, and what is resolved for each stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args
from uuid import UUID

import pytest

from config.problems import ConfigurationError
from config.profiles import Disposable, SignIn
from config.registry.backups import EnvironmentBackup
from config.registry.environments import Environment, LiftedResource
from config.registry.models import Registry
from config.settings import load_settings
from tenancy.containers import TraceCollector
from tenancy.fleet import SHOWN_STACKS, Fleet
from tenancy.images import EcrRepository
from tenancy.plans import BucketState, LocalState, PlatformPlan, SiloPlan
from tenancy.protection import BackupCopies, Backups, Protection
from tenancy.resolution import resolve
from tenancy.specifications.certificates import GivenCertificate, IssuedThrough
from tenancy.specifications.fargate_tenant import FargateTenantPlan

TOPIC = "arn:aws:sns:eu-west-1:123456789012:pager"
PRODUCTION = {
    "PROFILE": "production",
    "KEY_ADMINISTRATOR_ARNS": "arn:aws:iam::123456789012:role/deployer",
}
RESOURCES: tuple[LiftedResource, ...] = get_args(LiftedResource)
CREATED, LATER, NOW = "2026-01-01T00:00:00Z", "2026-02-02T00:00:00Z", "2026-03-03T00:00:00Z"


def fleet(tenants: Mapping[str, Any], platform: Mapping[str, Any] | None = None, **variables: str) -> Fleet:
    document = {"created_at": CREATED, "platform": platform, "tenants": tenants}
    return resolve(load_settings(variables), Registry.model_validate(document))


def silo(
    tenant: Mapping[str, Any] | None = None, /, *, created_at: str | None = None, **variables: str
) -> SiloPlan:
    entry = {"created_at": created_at, "silo": {"cidr": "10.1.0.0/16", **(tenant or {})}}
    (plan,) = fleet({"acme": entry}, None, **variables).stacks
    assert isinstance(plan, SiloPlan)
    return plan


def platform(**variables: str) -> PlatformPlan:
    (plan,) = fleet({}, {}, **variables).stacks
    assert isinstance(plan, PlatformPlan)
    return plan


def fargate(
    tenant: Mapping[str, Any] | None = None, /, *, created_at: str | None = None, **variables: str
) -> FargateTenantPlan:
    entry = {"created_at": created_at, "fargate": {"listener_priority": 1, **(tenant or {})}}
    (plan,) = fleet({"acme": entry}, {"domain": "example.org"}, **variables).stacks
    assert isinstance(plan, PlatformPlan)
    (found,) = plan.specification.tenants
    return found


def test_silos_come_in_the_order_of_their_ids_and_the_platform_last() -> None:
    tenants = {
        "b": {"silo": {"cidr": "10.2.0.0/16"}, "fargate": {"listener_priority": 1}},
        "a": {"silo": {"cidr": "10.1.0.0/16"}},
    }
    found = fleet(tenants, {}, ENVIRONMENT_SUFFIX="dev")
    assert found.ids == ("tenant-a-dev", "tenant-b-dev", "shared-platform-dev")
    assert [plan.kind for plan in found.stacks] == ["silo", "silo", "platform"]


@pytest.mark.parametrize("resolved", [silo, fargate])
@pytest.mark.parametrize(
    ("own", "variables", "days"),
    [
        (None, {}, 90),
        (None, PRODUCTION, None),
        (400, {}, 400),
        (400, PRODUCTION, 400),
        ("never", {}, None),
        ("never", PRODUCTION, None),
    ],
)
def test_objects_expire_when_the_tenant_says_or_else_when_the_profile_does(
    resolved: Any, own: int | str | None, variables: dict[str, str], days: int | None
) -> None:
    plan = resolved({"object_expiration_days": own}, **variables)
    retention = plan.specification.retention if isinstance(plan, SiloPlan) else plan.retention
    assert retention.objects == days


@pytest.mark.parametrize(("own", "days"), [(None, 30), (7, 7)])
def test_logs_are_kept_as_long_as_the_tenant_says_or_else_the_profile(own: int | None, days: int) -> None:
    assert silo({"log_retention_days": own}).specification.retention.logs == days
    assert fargate({"log_retention_days": own}).retention.logs == days
    assert platform().specification.retention.logs == 30


def test_a_silos_tags_say_whose_it_is_and_when_it_came() -> None:
    plan = silo(created_at=LATER, ENVIRONMENT_SUFFIX="dev", TEAM="core")
    assert plan.provider.default_tags == {
        "Environment": "dev",
        "ManagedBy": "CDKTF",
        "Repository": "unknown",
        "Author": "unknown",
        "PRNumber": "unknown",
        "Team": "core",
        "CreatedAt": LATER,
        "TenantId": "acme",
        "cost_center": "acme",
    }
    assert (plan.owner.tenant, plan.owner.tag) == ("acme", "TenantId")
    assert silo().provider.default_tags["CreatedAt"] == CREATED
    assert silo(created_at=LATER, CREATED_AT=NOW).provider.default_tags["CreatedAt"] == NOW


def test_a_fargate_tenant_says_when_it_came_only_where_the_platform_says_otherwise() -> None:
    own = {"tenant_id": "acme", "cost_center": "acme"}
    assert fargate().owner.tags == own
    assert fargate(created_at=CREATED).owner.tags == own
    assert fargate(created_at=LATER).owner.tags == {**own, "CreatedAt": LATER}
    assert fargate(created_at=LATER, CREATED_AT=NOW).owner.tags == own
    assert "tenant_id" not in platform().provider.default_tags


def test_a_fargate_tenants_host_is_below_the_platforms_domain() -> None:
    assert fargate().host == "acme.example.org"


def test_data_is_disposable_in_development_with_a_reason_and_protected_in_production() -> None:
    for found in (silo().specification, platform().specification, fargate()):
        assert not found.protection.protected
        assert found.protection.disposable
        assert found.protection.disposable.reason
    assert silo(**PRODUCTION).specification.protection.protected
    assert platform(**PRODUCTION).specification.protection.protected


def test_keys_are_administered_by_whom_the_settings_name() -> None:
    assert silo().specification.keys.administrators == ()
    assert silo(**PRODUCTION).specification.keys.administrators == (PRODUCTION["KEY_ADMINISTRATOR_ARNS"],)
    assert silo(**PRODUCTION).specification.keys == platform(**PRODUCTION).specification.keys
    assert silo().specification.keys.deletion_window_days == 7


def test_state_is_in_a_file_or_in_a_bucket() -> None:
    assert silo().state == LocalState(path="state/tenant-acme-test.tfstate")
    assert silo(STATE_BUCKET="states", AWS_REGION="eu-west-1").state == BucketState(
        bucket="states", key="tenant-acme-test/terraform.tfstate", region="eu-west-1"
    )
    elsewhere = silo(STATE_BUCKET="states", STATE_BUCKET_REGION="us-west-2").state
    assert isinstance(elsewhere, BucketState)
    assert elsewhere.region == "us-west-2"


def test_buckets_are_addressed_by_path_where_the_endpoint_is_not_aws() -> None:
    assert not silo().provider.path_style_buckets
    assert silo(AWS_ENDPOINT_URL="http://127.0.0.1:4566").provider.path_style_buckets


def test_resolving_twice_gives_equal_fleets() -> None:
    tenants = {"a": {"silo": {"cidr": "10.1.0.0/16"}, "fargate": {"listener_priority": 1}}}
    assert fleet(tenants, {}) == fleet(tenants, {})


def test_stacks_are_selected_in_the_fleets_order() -> None:
    tenants = {f"t{index}": {"silo": {"cidr": f"10.{index}.0.0/16"}} for index in range(1, 15)}
    whole = fleet(tenants)
    assert whole.select([]) is whole
    assert whole.select(["tenant-t2-test", "tenant-t1-test"]).ids == ("tenant-t1-test", "tenant-t2-test")
    with pytest.raises(ConfigurationError) as caught:
        whole.select(["tenant-t1-test", "nobody", "nothing"])
    shown = ", ".join(whole.ids[:SHOWN_STACKS])
    assert str(caught.value).splitlines() == [
        f"STACKS: received 'nobody', expected stacks of the registry: {shown}, ...",
        f"STACKS: received 'nothing', expected stacks of the registry: {shown}, ...",
    ]


def test_stacks_are_in_the_zones_of_their_region() -> None:
    assert list(silo().specification.addresses.private) == ["a", "b"]
    assert list(platform().specification.addresses.private) == ["a", "b", "c"]
    assert list(silo(AWS_REGION="ap-northeast-1").specification.addresses.private) == ["a", "c"]
    assert list(platform(AWS_REGION="ap-northeast-1").specification.addresses.public) == ["a", "c", "d"]


def test_the_zones_that_an_environment_names_come_before_the_regions() -> None:
    zones = "us-east-1f,us-east-1d,us-east-1b"
    assert list(silo(AVAILABILITY_ZONES=zones).specification.addresses.private) == ["f", "d"]
    assert list(platform(AVAILABILITY_ZONES=zones).specification.addresses.private) == ["f", "d", "b"]


def declared(
    state_keys: str = "account-region",
    sign_in: dict[str, str] | None = None,
    backup: dict[str, Any] | None = None,
    dashboards: bool | None = None,
    tracing: dict[str, str] | None = None,
    **variables: str,
) -> SiloPlan:
    """The silo of acme in a declared environment, where its bucket is not protected any more."""
    lifted = {
        "tenant": "acme",
        "stack": "silo",
        "resource": "bucket",
        "reason": "The tenant has left, with its data.",
        "until": "2026-12-31",
    }
    entry = Environment.model_validate(
        {
            "profile": "production",
            "account": "123456789012",
            "region": "eu-west-1",
            "state_keys": state_keys,
            "alarm_topic_arn": TOPIC,
            "sign_in": sign_in or {},
            "backup": backup or {},
            "dashboards": dashboards,
            "tracing": tracing or {},
            "unprotected": [lifted],
        }
    )
    tenants = {
        id_: {"silo": {"cidr": cidr}} for id_, cidr in (("acme", "10.1.0.0/16"), ("other", "10.2.0.0/16"))
    }
    settings = load_settings({**PRODUCTION, "AWS_REGION": "eu-west-1", **variables}, entry)
    registry = Registry.model_validate({"created_at": CREATED, "tenants": tenants})
    plan, other = resolve(settings, registry).stacks
    assert isinstance(plan, SiloPlan)
    assert isinstance(other, SiloPlan)
    assert other.specification.protection == Protection(disposable=settings.profile.disposable)
    return plan


def test_a_declared_environments_states_are_apart_by_account_and_region() -> None:
    assert declared().state == LocalState(path="state/123456789012/eu-west-1/tenant-acme-test.tfstate")
    assert declared(STATE_BUCKET="states").state == BucketState(
        bucket="states", key="123456789012/eu-west-1/tenant-acme-test/terraform.tfstate", region="eu-west-1"
    )


def test_states_from_before_the_declaration_stay_where_they_are() -> None:
    assert declared("stack").state == LocalState(path="state/tenant-acme-test.tfstate")
    undeclared = silo(STATE_BUCKET="states", AWS_REGION="eu-west-1")
    assert declared("stack", STATE_BUCKET="states").state == undeclared.state


def test_alarms_go_where_a_declared_environment_says_and_development_has_none() -> None:
    assert declared().specification.alarm_topic_arn == TOPIC
    assert silo(**PRODUCTION).specification.alarm_topic_arn is None
    assert declared(PROFILE="development").specification.alarm_topic_arn is None


def test_users_sign_in_as_the_profile_has_it_where_the_environment_says_nothing() -> None:
    assert silo().specification.sign_in == SignIn(mfa="off", threat_protection="off")
    required = SignIn(mfa="required", threat_protection="enforced")
    assert silo(**PRODUCTION).specification.sign_in == declared().specification.sign_in == required


@pytest.mark.parametrize(
    ("entry", "resolved"),
    [
        ({"mfa": "optional"}, SignIn(mfa="optional", threat_protection="enforced")),
        ({"threat_protection": "audit"}, SignIn(mfa="required", threat_protection="audit")),
        ({"mfa": "off", "threat_protection": "off"}, SignIn(mfa="off", threat_protection="off")),
    ],
)
def test_users_sign_in_as_the_environment_says(entry: dict[str, str], resolved: SignIn) -> None:
    assert declared(sign_in=entry).specification.sign_in == resolved


def test_a_declared_environment_is_in_one_account() -> None:
    assert declared().provider.account == "123456789012"
    assert silo().provider.account is None


def test_protection_is_lifted_of_what_the_entry_names_and_of_nothing_else() -> None:
    protection = declared().specification.protection
    assert protection.protected
    assert {name: protection.of(name).protected for name in RESOURCES} == {
        "bucket": False,
        "key": True,
        "table": True,
        "user_pool": True,
        "vault": True,
    }
    lifted = protection.of("bucket").disposable
    assert lifted == Disposable(reason="The tenant has left, with its data.", until="2026-12-31")


# Backups


def test_production_keeps_backups_for_35_days_and_development_makes_none() -> None:
    assert silo().specification.backups is None
    assert silo(**PRODUCTION).specification.backups == Backups(retention_days=35, copies=None)


def test_backups_are_copied_to_the_environments_vault_in_the_region_that_it_names() -> None:
    backup = EnvironmentBackup(retention_days=90, copy_to_region="eu-central-1")
    found = declared(backup=backup.model_dump()).specification.backups
    copies = BackupCopies(region="eu-central-1", vault="backup-copies-test")
    assert found == Backups(retention_days=90, copies=copies)


@pytest.mark.parametrize(("said", "expected"), [(None, True), (True, True), (False, False)])
def test_dashboards_are_productions_unless_the_environment_has_none(
    said: bool | None, expected: bool
) -> None:
    assert declared(dashboards=said).specification.dashboard is expected
    assert not silo(**PRODUCTION).specification.dashboard, "without a topic there are no alarms to show"


def test_functions_are_traced_unless_the_environment_says_why_not() -> None:
    assert silo().specification.traced_functions
    assert declared().specification.traced_functions
    reason = {"untraced_functions": "What they do is seen in their logs."}
    assert not declared(tracing=reason).specification.traced_functions


def test_tasks_are_traced_where_the_environment_names_a_collector() -> None:
    assert platform().specification.collector is None
    repository = EcrRepository(account="123456789012", region="eu-west-1", name="adot")
    image = f"123456789012.dkr.ecr.eu-west-1.amazonaws.com/adot@sha256:{'a' * 64}"
    entry = Environment.model_validate(
        {
            "profile": "development",
            "account": "123456789012",
            "region": "eu-west-1",
            "tracing": {"collector_image": image, "untraced_functions": "What they do is seen in logs."},
        }
    )
    settings = load_settings({"AWS_REGION": "eu-west-1"}, entry)
    registry = Registry.model_validate({"created_at": CREATED, "platform": {}, "tenants": {}})
    (plan,) = resolve(settings, registry).stacks
    assert isinstance(plan, PlatformPlan)
    assert plan.specification.collector == TraceCollector(image=image, repository=repository)
    assert not plan.specification.traced_functions


def test_a_tenants_own_hosts_have_a_given_certificate_or_one_that_is_issued() -> None:
    names, arn = ["shop.acme.example"], f"arn:aws:acm:us-east-1:123456789012:certificate/{UUID(int=0)}"
    for given, resolved in (
        ({"certificate_arn": arn}, GivenCertificate(arn=arn)),
        ({"hosted_zone_id": "Z0123456789"}, IssuedThrough(hosted_zone_id="Z0123456789")),
    ):
        hosts = {"names": names, **given}
        assert fargate({"custom_hosts": hosts}).custom_certificate == resolved
    assert fargate({}).custom_certificate is None
