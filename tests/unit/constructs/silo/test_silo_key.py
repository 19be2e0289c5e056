"""The tenant's key: its own roles use it, administrators keep it manageable, nobody else gets near it."""

from __future__ import annotations

import json
from typing import Any

from tests.synthesis import ACCOUNT, ADMINISTRATOR, PRODUCTION, SynthesizedStack, silo

ROOT_PRINCIPAL = [f"arn:aws:iam::{ACCOUNT}:root"]
CRYPTOGRAPHY = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncrypt", "kms:CreateGrant")


def key_policy(stack: SynthesizedStack) -> dict[str, dict[str, Any]]:
    return stack.statements("aws_kms_key")


def test_another_account_cannot_use_the_key() -> None:
    """Hole 1: a principal `*` with only a tag condition admits every account that tags its own role."""
    for statement in key_policy(silo()).values():
        assert statement["Effect"] == "Allow"
        principals = statement["Principal"].get("AWS", [])
        assert principals != "*"
        assert "*" not in principals
        assert all(principal.split(":")[4] == ACCOUNT for principal in principals)


def test_the_account_root_administers_the_key_and_cannot_use_it() -> None:
    """Hole 2: `kms:*` for the root hands every tenant's key to whoever has broad rights in the account."""
    statements = key_policy(silo())
    delegated = [s for s in statements.values() if s["Principal"].get("AWS") == ROOT_PRINCIPAL]
    assert len(delegated) == 4
    for statement in delegated:
        assert not [action for action in statement["Action"] if "*" in action]
        if set(statement["Action"]) & set(CRYPTOGRAPHY):
            assert "kms:ViaService" in statement["Condition"]["StringEquals"]


def test_administration_can_never_be_locked_out() -> None:
    administration = key_policy(silo())["AdministerWithoutUse"]
    assert administration["Principal"]["AWS"] == ROOT_PRINCIPAL
    assert {"kms:PutKeyPolicy", "kms:GetKeyPolicy", "kms:ScheduleKeyDeletion"} <= set(
        administration["Action"]
    )
    assert "Condition" not in administration


def test_named_administrators_alone_administer_the_key() -> None:
    statements = key_policy(silo(**PRODUCTION))
    for sid in ("AdministerWithoutUse", "CreateGrantsForServices", "EncryptFunctionEnvironment"):
        assert statements[sid]["Condition"]["ArnEquals"]["aws:PrincipalArn"] == [ADMINISTRATOR]


def test_a_plan_fails_before_a_deployer_locks_itself_out() -> None:
    key = silo(**PRODUCTION).one("aws_kms_key")
    (precondition,) = key["lifecycle"]["precondition"]
    assert precondition["condition"].startswith(
        f'${{contains(["{ADMINISTRATOR}"], data.aws_iam_session_context.'
    )
    assert precondition["condition"].endswith(".issuer_arn)}")
    assert (
        "KEY_ADMINISTRATOR_ARNS does not name the role or user that deploys" in precondition["error_message"]
    )
    assert "precondition" not in silo().one("aws_kms_key").get("lifecycle", {})


def test_services_may_be_granted_the_key_through_the_deployer_for_themselves_only() -> None:
    grants = key_policy(silo())["CreateGrantsForServices"]
    assert grants["Action"] == ["kms:CreateGrant"]
    assert grants["Condition"]["Bool"] == {"kms:GrantIsForAWSResource": ["true"]}
    assert grants["Condition"]["StringEquals"]["kms:ViaService"] == [
        "dynamodb.us-east-1.amazonaws.com",
        "lambda.us-east-1.amazonaws.com",
    ]


def test_the_deployer_reads_the_functions_environment_and_nothing_else() -> None:
    environment = key_policy(silo())["EncryptFunctionEnvironment"]
    assert environment["Action"] == ["kms:Decrypt", "kms:Encrypt"]
    assert environment["Condition"]["ArnEquals"] == {
        "kms:EncryptionContext:aws:lambda:FunctionArn": [
            f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:tenant-acme-corp-api-test",
            f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:tenant-acme-corp-provisioner-test",
        ]
    }


def test_the_tenants_roles_use_the_key_by_name_and_by_tag() -> None:
    use = key_policy(silo())["UseTenantKey"]
    assert use["Principal"]["AWS"] == [
        f"arn:aws:iam::{ACCOUNT}:role/tenant-acme-corp-lambda-role-test",
        f"arn:aws:iam::{ACCOUNT}:role/tenant-acme-corp-provisioner-role-test",
    ]
    assert use["Action"] == ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"]
    assert use["Condition"] == {"StringEquals": {"aws:PrincipalTag/TenantId": ["acme-corp"]}}


def test_the_account_id_comes_from_a_declared_data_source() -> None:
    """Hole 3."""
    stack = silo()
    (name,) = stack.document["data"]["aws_caller_identity"]
    assert f"${{data.aws_caller_identity.{name}.account_id}}" in stack.one("aws_kms_key")["policy"]


def test_the_logs_service_uses_the_key_for_each_of_this_tenants_groups_by_name() -> None:
    stack = silo()
    logs = key_policy(stack)["EncryptLogGroups"]
    assert logs["Principal"] == {"Service": ["logs.us-east-1.amazonaws.com"]}
    named = set(logs["Condition"]["ArnEquals"]["kms:EncryptionContext:aws:logs:arn"])
    deployed = {group["name"] for group in stack.all("aws_cloudwatch_log_group").values()}
    assert named == {f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:{name}" for name in deployed}
    assert not [arn for arn in named if "*" in arn]


def test_eventbridge_uses_the_key_for_this_rules_dead_letters_only() -> None:
    stack = silo()
    dead_letters = key_policy(stack)["EncryptDeadLettersOfRule"]
    assert dead_letters["Principal"] == {"Service": ["events.amazonaws.com"]}
    assert dead_letters["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    rule = stack.one("aws_cloudwatch_event_rule")["name"]
    assert dead_letters["Condition"] == {
        "ArnEquals": {"aws:SourceArn": [f"arn:aws:events:us-east-1:{ACCOUNT}:rule/{rule}"]},
        "StringEquals": {"aws:SourceAccount": [ACCOUNT]},
    }


def test_the_key_rotates_and_waits_before_it_is_deleted() -> None:
    development, production = silo().one("aws_kms_key"), silo(**PRODUCTION).one("aws_kms_key")
    assert development["enable_key_rotation"] is production["enable_key_rotation"] is True
    assert development["deletion_window_in_days"] == 7
    assert production["deletion_window_in_days"] == 30
    assert production["lifecycle"]["prevent_destroy"] is True
    assert "prevent_destroy" not in development.get("lifecycle", {})


def test_the_alias_names_the_key() -> None:
    stack = silo()
    alias = stack.one("aws_kms_alias")
    assert alias["name"] == "alias/tenant-acme-corp-test"
    assert alias["target_key_id"] == f"${{{stack.address('aws_kms_key')}.key_id}}"


def test_a_key_policy_fits_kms_with_the_longest_names() -> None:
    """32 KiB: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html."""
    policy = silo(ENVIRONMENT_SUFFIX="abcdefghijkl", **PRODUCTION)
    assert len(json.dumps(json.loads(policy.resolved(policy.one("aws_kms_key")["policy"])))) < 32 * 1024
