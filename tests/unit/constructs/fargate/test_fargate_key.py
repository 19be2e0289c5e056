"""A Fargate tenant's key: its own roles, each through one service (docs/decisions/0008)."""

from __future__ import annotations

from typing import Any

from tests.synthesis import ACCOUNT, ADMINISTRATOR, PRODUCTION, platform

TENANT = {"aws:PrincipalTag/tenant_id": ["acme-corp"]}
VIA_SECRETS = {"kms:ViaService": ["secretsmanager.us-east-1.amazonaws.com"]}


def role(name: str) -> list[str]:
    return [f"arn:aws:iam::{ACCOUNT}:role/{name}"]


def key_policy(**variables: str) -> dict[str, dict[str, Any]]:
    return platform(variables=variables).statements("aws_kms_key", "tenants_acme-corp_tenant_key")


def test_each_user_by_name_for_one_purpose() -> None:
    statements = key_policy()
    assert set(statements) == {
        "AdministerWithoutUse",
        "CreateSecretWithoutValue",
        "UseKeyForObjects",
        "DecryptOwnSecret",
        "WriteSecret",
        "EncryptLogGroups",
    }
    assert statements["UseKeyForObjects"] == {
        "Sid": "UseKeyForObjects",
        "Effect": "Allow",
        "Principal": {"AWS": role("saas-platform-acme-corp-task-role-test")},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": ["*"],
        "Condition": {"StringEquals": {"kms:ViaService": ["s3.us-east-1.amazonaws.com"], **TENANT}},
    }
    assert statements["DecryptOwnSecret"]["Principal"]["AWS"] == role(
        "saas-platform-acme-corp-execution-role-test"
    )
    assert statements["DecryptOwnSecret"]["Action"] == ["kms:Decrypt"]
    assert statements["DecryptOwnSecret"]["Condition"] == {"StringEquals": {**VIA_SECRETS, **TENANT}}
    assert statements["WriteSecret"]["Principal"]["AWS"] == role("shared-platform-db-provisioner-role-test")
    assert statements["WriteSecret"]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert statements["WriteSecret"]["Condition"] == {"StringEquals": VIA_SECRETS}


def test_the_deployer_makes_secrets_and_reads_none() -> None:
    """Secrets Manager tries a secret's key out on a context that no value has."""
    statement = key_policy(**PRODUCTION)["CreateSecretWithoutValue"]
    assert statement["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert statement["Condition"] == {
        "ArnEquals": {"aws:PrincipalArn": [ADMINISTRATOR]},
        "StringEquals": {
            **VIA_SECRETS,
            "kms:EncryptionContext:SecretVersionId": ["RequestToValidateKeyAccess"],
        },
    }


def test_the_logs_service_uses_it_for_this_tenants_group_alone() -> None:
    logs = key_policy()["EncryptLogGroups"]
    assert logs["Condition"]["ArnEquals"] == {
        "kms:EncryptionContext:aws:logs:arn": [
            f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/ecs/tenant/acme-corp/test"
        ]
    }


def test_all_that_is_the_tenants_is_encrypted_with_it() -> None:
    stack = platform()
    arn = f"${{{stack.address('aws_kms_key', 'tenants_acme-corp')}.arn}}"
    assert stack.one("aws_cloudwatch_log_group", "tenants_acme-corp")["kms_key_id"] == arn
    assert stack.one("aws_secretsmanager_secret", "tenants_acme-corp")["kms_key_id"] == arn
    (rule,) = stack.one("aws_s3_bucket_server_side_encryption_configuration", "tenants_acme-corp")["rule"]
    assert rule["apply_server_side_encryption_by_default"]["kms_master_key_id"] == arn
