"""What is deployed is what was meant, works, and keeps tenants apart, in whatever account."""

from __future__ import annotations

import json
from functools import partial
from http import HTTPStatus
from typing import Any

import pytest

from tests.aws.calling import call, token, wait_for
from tests.aws.conftest import Deployed
from tools.test_aws.registry import PLATFORM_TENANT, SILOS


@pytest.fixture
def silos(deployed: Deployed) -> dict[str, str]:
    """The silos' stacks by tenant."""
    found = {tenant: f"tenant-{tenant}-{deployed.suffix}" for tenant in SILOS}
    if not set(found.values()) <= set(deployed.stacks):
        pytest.skip("TEST_AWS_STACKS leaves the silos out")
    return found


@pytest.fixture
def platform(deployed: Deployed) -> str:
    """The platform's stack."""
    stack = f"shared-platform-{deployed.suffix}"
    if stack not in deployed.stacks:
        pytest.skip("TEST_AWS_STACKS leaves the platform out")
    return stack


def endpoint(deployed: Deployed, stack: str, tenant: str) -> str:
    return str(deployed.outputs(stack)[f"tenant-endpoint-{tenant}-{deployed.suffix}"])


def bearer(deployed: Deployed, tenant: str) -> str:
    return token(deployed.client("cognito-idp"), f"tenant-{tenant}-users-{deployed.suffix}")


def _answers(url: str, user: str) -> bool:
    return call(url, bearer=user)[0] == HTTPStatus.OK


def test_a_second_plan_is_empty(deployed: Deployed) -> None:
    for stack in deployed.stacks:
        plan = deployed.root(stack).plan(timeout=1800)
        assert plan.empty, f"{stack}: {plan}"


def test_no_credentials_stand_in_a_state(deployed: Deployed) -> None:
    for stack in deployed.stacks:
        for resource in deployed.state(stack)["resources"]:
            for instance in resource["instances"]:
                secrets = {
                    name: value
                    for name, value in instance["attributes"].items()
                    if ("secret" in name or "password" in name) and isinstance(value, str)
                }
                named = {name for name, value in secrets.items() if value and not value.startswith("arn:")}
                assert not named - {"secret_arn"}, f"{resource['type']}: {sorted(named)}"


def test_a_user_calls_its_tenants_api_and_no_other(deployed: Deployed, silos: dict[str, str]) -> None:
    tokens = {tenant: bearer(deployed, tenant) for tenant in silos}
    for tenant, stack in silos.items():
        url = endpoint(deployed, stack, tenant)
        # A function in a VPC can take a while until its first call gets through.
        wait_for(partial(_answers, url, tokens[tenant]))
        assert call(url)[0] == 401
        for other in silos:
            if other != tenant:
                assert call(url, bearer=tokens[other])[0] == 401


def test_records_and_objects_are_kept_under_the_tenants_key(
    deployed: Deployed, silos: dict[str, str]
) -> None:
    tenant, stack = next(iter(silos.items()))
    url, user = endpoint(deployed, stack, tenant), bearer(deployed, tenant)
    assert call(url, "/records/note/one", method="PUT", bearer=user, body={"text": "hello"})[0] in {200, 201}
    status, found = call(url, "/records/note/one", bearer=user)
    assert (status, found["data"]["text"]) == (200, "hello")
    key = deployed.client("kms").describe_key(KeyId=f"alias/{stack}")["KeyMetadata"]["Arn"]
    table = deployed.client("dynamodb").describe_table(
        TableName=f"tenant-{tenant}-metadata-{deployed.suffix}"
    )
    assert table["Table"]["SSEDescription"]["KMSMasterKeyArn"] == key


def test_a_signup_makes_the_tenants_profile_once(deployed: Deployed, silos: dict[str, str]) -> None:
    dynamodb = deployed.client("dynamodb")

    def profile(tenant: str) -> Any:
        """The profile once it is announced."""
        key = {"tenant_id": {"S": tenant}, "resource_type": {"S": "profile"}}
        table = f"tenant-{tenant}-metadata-{deployed.suffix}"
        item = dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
        return item if item and item["notice"]["S"] == "SENT" else None

    tenant, other = silos
    detail = json.dumps({"tenantId": tenant, "plan": "standard"})
    entry = {"Source": "custom.signup", "DetailType": "Tenant Signup", "Detail": detail}
    assert deployed.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    first = wait_for(lambda: profile(tenant))
    assert deployed.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
    assert profile(tenant) == first
    assert profile(other) is None


def test_no_bucket_is_public(deployed: Deployed) -> None:
    s3 = deployed.client("s3")
    buckets = [
        name for stack in deployed.stacks.values() for name in stack.literals("aws_s3_bucket", "bucket")
    ]
    for bucket in buckets:
        block = s3.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
        assert set(block.values()) == {True}, bucket


def test_the_platforms_tenant_has_its_login_and_its_service(deployed: Deployed, platform: str) -> None:
    secret = deployed.client("secretsmanager").describe_secret(
        SecretId=f"rds/tenant/{PLATFORM_TENANT}/{deployed.suffix}/password"
    )
    assert secret["VersionIdsToStages"], "the provisioner has written a password"
    outputs = deployed.outputs(platform)
    assert outputs[f"{PLATFORM_TENANT}_bucket"] == f"saas-platform-{PLATFORM_TENANT}-data-{deployed.suffix}"
    assert f"tenant_{PLATFORM_TENANT}@" in outputs[f"{PLATFORM_TENANT}_db_connection"]
