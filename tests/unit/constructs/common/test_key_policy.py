"""Statements of key policies: each right, its holder, and what it is bound to."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from constructs.common.key_policy import KeyPolicy, KeyUse, roles_may
from policies.statements import Condition, policy_document
from tenancy.protection import KeyAdministration
from tests.construct import ANYONE, NAMED, Surroundings, alone
from tests.synthesis import ACCOUNT, ADMINISTRATOR, StackDocument

ROOT_PRINCIPAL = {"AWS": [f"arn:aws:iam::{ACCOUNT}:root"]}
ADMINISTRATORS = {"aws:PrincipalArn": [ADMINISTRATOR]}


@cache
def document(administration: KeyAdministration) -> StackDocument:
    def build(around: Surroundings) -> None:
        policy = KeyPolicy(account=around.account, administration=administration)
        through_s3 = Condition(operator="StringEquals", key="kms:ViaService", values=("s3",))
        use = KeyUse(sid="UseKey", actions=("kms:Decrypt",), conditions=(through_s3,))
        statements = [
            policy.administered(),
            policy.services_may_create_grants("dynamodb", "lambda"),
            policy.deployer_reads_environment_of("one", "other"),
            policy.logs_encrypts("/a/group", "/another/group"),
            roles_may(use, around.role("a_role"), around.role("b_role")),
        ]
        around.output("granted", policy_document(statements))

    return alone(build)


def statement(sid: str, administration: KeyAdministration = ANYONE) -> dict[str, Any]:
    return document(administration).granted()[sid]


def test_administrators_manage_the_key_and_cannot_use_it() -> None:
    """Hole 2: `kms:*` for the root hands every tenant's key to whoever has broad rights in the account."""
    assert statement("AdministerWithoutUse") == {
        "Sid": "AdministerWithoutUse",
        "Effect": "Allow",
        "Principal": ROOT_PRINCIPAL,
        "Resource": ["*"],
        "Action": [
            "kms:CancelKeyDeletion",
            "kms:CreateAlias",
            "kms:DeleteAlias",
            "kms:DescribeKey",
            "kms:DisableKey",
            "kms:DisableKeyRotation",
            "kms:EnableKey",
            "kms:EnableKeyRotation",
            "kms:GetKeyPolicy",
            "kms:GetKeyRotationStatus",
            "kms:ListGrants",
            "kms:ListKeyPolicies",
            "kms:ListKeyRotations",
            "kms:ListResourceTags",
            "kms:PutKeyPolicy",
            "kms:RevokeGrant",
            "kms:RotateKeyOnDemand",
            "kms:ScheduleKeyDeletion",
            "kms:TagResource",
            "kms:UntagResource",
            "kms:UpdateAlias",
            "kms:UpdateKeyDescription",
        ],
    }


@pytest.mark.parametrize(
    "sid", ["AdministerWithoutUse", "CreateGrantsForServices", "EncryptFunctionEnvironment"]
)
def test_where_administrators_are_named_they_alone_have_the_deployers_rights(sid: str) -> None:
    named, unnamed = statement(sid, NAMED), statement(sid)
    condition = unnamed.get("Condition", {})
    arns = {**condition.get("ArnEquals", {}), **ADMINISTRATORS}
    assert named == {**unnamed, "Condition": {**condition, "ArnEquals": arns}}


def test_services_may_be_granted_the_key_through_the_deployer_for_themselves_only() -> None:
    assert statement("CreateGrantsForServices") == {
        "Sid": "CreateGrantsForServices",
        "Effect": "Allow",
        "Principal": ROOT_PRINCIPAL,
        "Resource": ["*"],
        "Action": ["kms:CreateGrant"],
        "Condition": {
            "Bool": {"kms:GrantIsForAWSResource": ["true"]},
            "StringEquals": {
                "kms:ViaService": ["dynamodb.eu-west-1.amazonaws.com", "lambda.eu-west-1.amazonaws.com"]
            },
        },
    }


def test_the_deployer_reads_the_functions_environment_and_nothing_else() -> None:
    assert statement("EncryptFunctionEnvironment") == {
        "Sid": "EncryptFunctionEnvironment",
        "Effect": "Allow",
        "Principal": ROOT_PRINCIPAL,
        "Resource": ["*"],
        "Action": ["kms:Decrypt", "kms:Encrypt"],
        "Condition": {
            "StringEquals": {"kms:ViaService": ["lambda.eu-west-1.amazonaws.com"]},
            "ArnEquals": {
                "kms:EncryptionContext:aws:lambda:FunctionArn": [
                    f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:one",
                    f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:other",
                ]
            },
        },
    }


def test_the_logs_service_uses_the_key_for_each_group_by_name() -> None:
    assert statement("EncryptLogGroups") == {
        "Sid": "EncryptLogGroups",
        "Effect": "Allow",
        "Principal": {"Service": ["logs.eu-west-1.amazonaws.com"]},
        "Resource": ["*"],
        "Action": ["kms:Decrypt*", "kms:Describe*", "kms:Encrypt*", "kms:GenerateDataKey*", "kms:ReEncrypt*"],
        "Condition": {
            "ArnEquals": {
                "kms:EncryptionContext:aws:logs:arn": [
                    f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/a/group",
                    f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:/another/group",
                ]
            }
        },
    }


def test_roles_use_the_key_by_name_and_under_the_uses_conditions() -> None:
    """Hole 1: a principal `*` with only a tag condition admits every account that tags its own role."""
    assert statement("UseKey") == {
        "Sid": "UseKey",
        "Effect": "Allow",
        "Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:role/a-role", f"arn:aws:iam::{ACCOUNT}:role/b-role"]},
        "Resource": ["*"],
        "Action": ["kms:Decrypt"],
        "Condition": {"StringEquals": {"kms:ViaService": ["s3"]}},
    }
