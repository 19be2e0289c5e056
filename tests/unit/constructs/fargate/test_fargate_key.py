"""A Fargate tenant's key: its own roles, each through one service (docs/decisions/0008)."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from constructs.common.key_policy import KeyPolicy
from constructs.fargate.fargate_key import fargate_key_statements, object_use, secret_use
from policies.statements import policy_document
from tenancy.names.fargate import FargateTenantNames
from tenancy.owner import FARGATE_TAG, Owner
from tests.construct import FARGATE, NAMED, Surroundings, alone
from tests.synthesis import ACCOUNT, ADMINISTRATOR

TENANT = {"aws:PrincipalTag/tenant_id": ["acme-corp"]}
VIA_SECRETS = {"kms:ViaService": ["secretsmanager.eu-west-1.amazonaws.com"]}
VIA_S3 = {"kms:ViaService": ["s3.eu-west-1.amazonaws.com"]}
ALLOWED = {"Effect": "Allow", "Resource": ["*"]}
LONGEST = Owner(
    tenant="a" * 30,
    tag=FARGATE_TAG,
    tags={},
    names=FargateTenantNames(tenant="a" * 30, suffix="abcdefghijkl"),
)


def role(name: str) -> dict[str, list[str]]:
    return {"AWS": [f"arn:aws:iam::{ACCOUNT}:role/{name}"]}


@cache
def statements(longest: bool = False) -> dict[str, dict[str, Any]]:
    def build(around: Surroundings) -> None:
        policy = KeyPolicy(account=around.account, administration=NAMED)
        made = fargate_key_statements(
            policy,
            LONGEST if longest else FARGATE,
            task_role=around.role("task_role"),
            execution_role=around.role("execution_role"),
            provisioner=around.role("provisioner_role"),
        )
        around.output("granted", policy_document([policy.administered(), *made]))

    return alone(build).granted()


def test_each_user_by_name_for_one_purpose() -> None:
    assert set(statements()) == {
        "AdministerWithoutUse",
        "CreateSecretWithoutValue",
        "UseKeyForObjects",
        "DecryptOwnSecret",
        "WriteSecret",
        "EncryptLogGroups",
    }
    assert statements()["UseKeyForObjects"] == {
        "Sid": "UseKeyForObjects",
        **ALLOWED,
        "Principal": role("task-role"),
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Condition": {"StringEquals": {**VIA_S3, **TENANT}},
    }
    assert statements()["DecryptOwnSecret"] == {
        "Sid": "DecryptOwnSecret",
        **ALLOWED,
        "Principal": role("execution-role"),
        "Action": ["kms:Decrypt"],
        "Condition": {"StringEquals": {**VIA_SECRETS, **TENANT}},
    }
    assert statements()["WriteSecret"] == {
        "Sid": "WriteSecret",
        **ALLOWED,
        "Principal": role("provisioner-role"),
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Condition": {"StringEquals": VIA_SECRETS},
    }


def test_the_deployer_makes_secrets_and_reads_none() -> None:
    """Secrets Manager tries a secret's key out on a context that no value has."""
    assert statements()["CreateSecretWithoutValue"] == {
        "Sid": "CreateSecretWithoutValue",
        **ALLOWED,
        "Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Condition": {
            "ArnEquals": {"aws:PrincipalArn": [ADMINISTRATOR]},
            "StringEquals": {
                **VIA_SECRETS,
                "kms:EncryptionContext:SecretVersionId": ["RequestToValidateKeyAccess"],
            },
        },
    }


def test_the_logs_service_uses_it_for_this_tenants_group_alone() -> None:
    assert statements()["EncryptLogGroups"]["Condition"]["ArnEquals"] == {
        "kms:EncryptionContext:aws:logs:arn": [
            f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/ecs/tenant/acme-corp/test"
        ]
    }


def test_the_roles_own_policies_say_the_same() -> None:
    def build(around: Surroundings) -> None:
        around.grant(
            lambda grantee: around.key.grant_use(grantee, object_use(FARGATE, around.account)),
            lambda grantee: around.key.grant_use(grantee, secret_use(FARGATE, around.account)),
        )

    for sid, granted in alone(build).granted().items():
        of_key = {key: value for key, value in statements()[sid].items() if key != "Principal"}
        assert {**granted, "Resource": ["*"]} == of_key


def test_a_key_policy_fits_kms_with_the_longest_names() -> None:
    """32 KiB: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html."""
    text = json.dumps(list(statements(longest=True).values()))
    assert "a" * 30 in text
    assert len(text) < 32 * 1024
