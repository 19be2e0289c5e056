"""What a user's own stacks are planned with."""

from __future__ import annotations

import pytest

from config.problems import ConfigurationError
from config.registry.models import Registry
from config.settings import load_settings
from extensions.planning import plans
from tenancy.extending import House, extended, house
from tenancy.plans import LocalState

SILO = {"silo": {"cidr": "10.1.0.0/16"}}


def registry(**tenants: object) -> Registry:
    document = {"created_at": "2026-01-01T00:00:00Z", "tenants": {"plain": SILO, **tenants}}
    return Registry.model_validate(document)


def opened(**tenants: object) -> House:
    return house(load_settings({}), registry(**tenants))


def test_a_stack_of_a_tenant_has_its_tags_and_a_state_of_its_own() -> None:
    plan = opened().plan("reports", None, tenant="plain")
    assert (plan.id, plan.tenant, plan.name) == ("reports-plain-test", "plain", "reports")
    assert plan.provider.default_tags["TenantId"] == "plain"
    assert plan.state == LocalState(path="state/reports-plain-test.tfstate")


def test_a_stack_of_nobodys_has_no_tenants_tag() -> None:
    plan = opened().plan("audit", None)
    assert plan.id == "audit-test"
    assert "TenantId" not in plan.provider.default_tags


@pytest.mark.parametrize("name", ["", "Reports", "a--b", "1a", "tenant-x", "shared-platform", "a_b"])
def test_a_name_that_could_be_another_stacks_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name: received"):
        opened().plan(name, None)


def test_own_stacks_come_last_in_the_order_of_their_ids_and_can_be_selected() -> None:
    settings, read = load_settings({}), registry()
    own = house(settings, read)
    fleet = extended(settings, read, [own.plan("b", None), own.plan("a", None, tenant="plain")])
    assert fleet.ids == ("tenant-plain-test", "a-plain-test", "b-test")
    assert fleet.select(["b-test"]).ids == ("b-test",)


def test_two_stacks_of_one_id_are_refused() -> None:
    settings, read = load_settings({}), registry()
    own = house(settings, read)
    twice = [own.plan("a-plain", None), own.plan("a", None, tenant="plain")]
    with pytest.raises(ConfigurationError) as raised:
        extended(settings, read, twice)
    assert str(raised.value) == (
        "extensions/planning.py: received 'a-plain-test', expected each stack's id once"
    )


def test_a_key_that_nothing_reads_is_refused_whoever_has_it() -> None:
    own = opened(
        other={"silo": {"cidr": "10.2.0.0/16"}, "extensions": {"reports": {"keep_days": 30}, "more": None}}
    )
    with pytest.raises(ConfigurationError) as raised:
        plans(own)
    assert str(raised.value) == (
        "tenants.other.extensions.reports: received {'keep_days': 30}, expected a key that "
        "'extensions/planning.py' reads: none yet\n"
        "tenants.other.extensions.more: received nothing, expected a key that "
        "'extensions/planning.py' reads: none yet"
    )


def test_what_the_user_refuses_names_the_place() -> None:
    with pytest.raises(ConfigurationError) as raised:
        opened().refuse("reports.days", 0, "a day")
    assert str(raised.value) == "environments.test.extensions.reports.days: received 0, expected a day"
