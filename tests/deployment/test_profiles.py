"""From one profile to another and back: all changes in place, alarms and access log come and go, data is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from emulator.server import Emulator
from terraform.errors import TerraformError
from terraform.plans import Plan
from tests.attached_provider import Terraform
from tests.deployment.callers import signed_in
from tests.deployment.deploying import STATEFUL, Deployment, as_deployer
from tests.deployment.inventory import inventory
from tests.synthesis import PRODUCTION, registry_with

pytestmark = pytest.mark.deployment

STACK = "tenant-acme-test"
OF_PRODUCTION = re.compile(
    r"aws_(budgets_budget|cloudwatch_dashboard|cloudwatch_metric_alarm|s3_bucket_logging)\..*"
    r"|\w+\.(backups?|key_notice|log_bucket)_.*"
)
"""Addresses of what production alone has: alarms, notices, dashboard and budget, the bucket's access log, backups."""
REGISTRY = registry_with(acme={"silo": {"cidr": "10.1.0.0/16"}})


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


@pytest.fixture(scope="module")
def before(emulator: Emulator) -> set[str]:
    return inventory(emulator)


@pytest.fixture(scope="module")
def tenant(
    emulator: Emulator, before: set[str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    """The tenant's stack in the profile `development`, deployed by the role `deployer`."""
    with Terraform(as_deployer(emulator)) as terraform:
        folder = tmp_path_factory.mktemp("profiles")
        deployed = Deployment(emulator=emulator, terraform=terraform, folder=folder)
        deployed.synthesize(REGISTRY)
        deployed.apply(STACK)
        yield deployed


def changed(plan: Plan) -> set[tuple[str, ...]]:
    """What a Terraform plan does to all that both profiles have."""
    return {change.actions for change in plan.changes if not OF_PRODUCTION.fullmatch(change.address)}


def to_the_rest(plan: Plan) -> set[tuple[str, ...]]:
    return {change.actions for change in plan.changes if OF_PRODUCTION.fullmatch(change.address)}


def test_from_development_to_production_all_is_changed_in_place(
    emulator: Emulator, tenant: Deployment
) -> None:
    identifiers = ids(tenant)
    tenant.synthesize(REGISTRY, **PRODUCTION)
    root = tenant.root(STACK)
    plan = root.plan()
    assert changed(plan) == {("update",)}, plan
    assert to_the_rest(plan) == {("create",)}, plan
    assert {"aws_kms_key", "aws_dynamodb_table", "aws_s3_bucket", "aws_cognito_user_pool"} <= {
        change.address.split(".")[0] for change in plan.changes
    }
    root.apply()
    assert root.plan().empty
    assert identifiers.items() <= ids(tenant).items()
    logging = emulator.client("s3").get_bucket_logging(Bucket="tenant-acme-data-test")["LoggingEnabled"]
    assert (logging["TargetBucket"], logging["TargetPrefix"]) == (
        "tenant-acme-logs-test",
        "buckets/tenant-acme-data-test/",
    )
    table = emulator.client("dynamodb").describe_table(TableName="tenant-acme-metadata-test")["Table"]
    assert table["DeletionProtectionEnabled"] is True
    groups = emulator.client("logs").describe_log_groups()["logGroups"]
    assert {group["retentionInDays"] for group in groups} == {365}


def test_in_production_a_user_needs_a_second_factor(emulator: Emulator, tenant: Deployment) -> None:
    answer = signed_in(emulator, "tenant-acme-users-test")
    assert answer["ChallengeName"] == "MFA_SETUP"
    assert "AuthenticationResult" not in answer


def test_in_production_nothing_can_be_destroyed(emulator: Emulator, tenant: Deployment) -> None:
    there = inventory(emulator)
    with pytest.raises(TerraformError, match="Instance cannot be destroyed"):
        tenant.destroy(STACK)
    assert inventory(emulator) == there


def test_back_in_development_it_goes_without_a_trace(
    emulator: Emulator, tenant: Deployment, before: set[str]
) -> None:
    tenant.synthesize(REGISTRY)
    root = tenant.root(STACK)
    plan = root.plan()
    assert (changed(plan), to_the_rest(plan)) == ({("update",)}, {("delete",)}), plan
    root.apply()
    root.destroy()
    assert inventory(emulator) == before


def ids(deployment: Deployment) -> dict[str, str]:
    """What AWS calls each thing that holds data."""
    return {
        f"{resource['type']}.{resource['name']}": resource["instances"][0]["attributes"]["id"]
        for resource in deployment.state(STACK)["resources"]
        if resource["type"] in STATEFUL
    }
