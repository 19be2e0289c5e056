"""The platform's own key: the database's and the platform's logs, and no tenant's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.synthesis import ACCOUNT, ADMINISTRATOR, PRODUCTION, THREE, platform

ROOT_PRINCIPAL = [f"arn:aws:iam::{ACCOUNT}:root"]
CRYPTOGRAPHY = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncrypt", "kms:CreateGrant")
KEYS = ("platform_key", *(f"tenants_{tenant}_tenant_key" for tenant in THREE))


def key_policy(key: str = "platform_key", **variables: str) -> dict[str, dict[str, Any]]:
    return platform(variables=variables).statements("aws_kms_key", key)


@pytest.mark.parametrize("key", KEYS)
def test_no_other_account_and_not_everyone(key: str) -> None:
    for statement in key_policy(key).values():
        assert statement["Effect"] == "Allow"
        principals = statement["Principal"].get("AWS", [])
        assert principals != "*"
        assert all(principal.split(":")[4] == ACCOUNT for principal in principals)


@pytest.mark.parametrize("key", KEYS)
def test_the_account_root_administers_and_uses_a_key_through_services_alone(key: str) -> None:
    delegated = [s for s in key_policy(key).values() if s["Principal"].get("AWS") == ROOT_PRINCIPAL]
    assert delegated
    for statement in delegated:
        assert not [action for action in statement["Action"] if "*" in action]
        if set(statement["Action"]) & set(CRYPTOGRAPHY):
            assert "kms:ViaService" in statement["Condition"]["StringEquals"]


@pytest.mark.parametrize("key", KEYS)
def test_named_administrators_alone_administer_and_a_plan_checks_the_deployer(key: str) -> None:
    stack = platform(variables=PRODUCTION)
    for statement in stack.statements("aws_kms_key", key).values():
        if statement["Principal"].get("AWS") == ROOT_PRINCIPAL:
            assert statement["Condition"]["ArnEquals"]["aws:PrincipalArn"] == [ADMINISTRATOR]
    lifecycle = stack.one("aws_kms_key", key)["lifecycle"]
    assert lifecycle["prevent_destroy"] is True
    (precondition,) = lifecycle["precondition"]
    assert ".issuer_arn" in precondition["condition"]
    assert "Condition" not in key_policy(key)["AdministerWithoutUse"]


@pytest.mark.parametrize("key", KEYS)
def test_keys_rotate_and_wait_before_they_are_deleted(key: str) -> None:
    development, production = (
        platform().one("aws_kms_key", key),
        platform(variables=PRODUCTION).one("aws_kms_key", key),
    )
    assert development["enable_key_rotation"] is production["enable_key_rotation"] is True
    assert (development["deletion_window_in_days"], production["deletion_window_in_days"]) == (7, 30)


@pytest.mark.parametrize("key", KEYS)
def test_a_key_policy_fits_kms_with_the_longest_names(key: str) -> None:
    """32 KiB: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html."""
    stack = platform(variables={**PRODUCTION, "ENVIRONMENT_SUFFIX": "abcdefghijkl"})
    assert len(json.dumps(stack.statements("aws_kms_key", key))) < 32 * 1024


def test_services_may_be_granted_the_key_through_the_deployer_for_themselves_only() -> None:
    grants = key_policy()["CreateGrantsForServices"]
    assert grants["Action"] == ["kms:CreateGrant"]
    assert grants["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": ["true"]}
    assert grants["Condition"]["StringEquals"]["kms:ViaService"] == [
        "lambda.us-east-1.amazonaws.com",
        "rds.us-east-1.amazonaws.com",
        "secretsmanager.us-east-1.amazonaws.com",
    ]


def test_no_tenants_role_uses_the_platforms_key() -> None:
    principals = {p for s in key_policy().values() for p in s["Principal"].get("AWS", [])}
    assert principals == {
        *ROOT_PRINCIPAL,
        f"arn:aws:iam::{ACCOUNT}:role/shared-platform-db-provisioner-role-test",
    }


def test_the_provisioner_reads_the_masters_secret_with_it_and_nothing_else() -> None:
    statement = key_policy()["DecryptMasterSecret"]
    assert statement["Action"] == ["kms:Decrypt"]
    assert statement["Condition"] == {
        "StringEquals": {"kms:ViaService": ["secretsmanager.us-east-1.amazonaws.com"]}
    }


def test_the_logs_service_uses_it_for_each_of_the_platforms_groups_by_name() -> None:
    stack = platform()
    logs = key_policy()["EncryptLogGroups"]
    named = set(logs["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"])
    deployed = {
        group["name"]
        for name, group in stack.all("aws_cloudwatch_log_group").items()
        if not name.startswith("tenants_")
    }
    assert named == {f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{name}" for name in deployed}
    assert len(deployed) == 4


def test_a_tenant_that_comes_does_not_change_it() -> None:
    assert platform("acme-corp").one("aws_kms_key", "platform_key") == platform().one(
        "aws_kms_key", "platform_key"
    )


def test_the_aliases_name_the_keys() -> None:
    stack = platform()
    assert {alias["name"] for alias in stack.all("aws_kms_alias").values()} == {
        "alias/shared-platform-test",
        *(f"alias/saas-platform-{tenant}-test" for tenant in THREE),
    }
    for key in KEYS:
        alias = stack.one("aws_kms_alias", key)
        assert alias["target_key_id"] == f"${{{stack.address('aws_kms_key', key)}.key_id}}"
