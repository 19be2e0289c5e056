"""What AWS would refuse and the local AWS does not: held here, each with AWS's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.synthesis import ACCOUNT, PRODUCTION, SynthesizedStack, platform, silo
from tests.unit.stacks.dependencies import outlives


def deployers_rights(stack: SynthesizedStack) -> list[dict[str, Any]]:
    root = [f"arn:aws:iam::{ACCOUNT}:root"]
    return [s for s in stack.statements("aws_kms_key").values() if s["Principal"].get("AWS") == root]


@pytest.mark.parametrize("variables", [{}, PRODUCTION])
def test_whoever_creates_the_table_may_use_its_key_through_dynamodb(variables: dict[str, str]) -> None:
    """DynamoDB checks it when the table is created.

    https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz
    """
    needed = {
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    }
    given = set()
    for statement in deployers_rights(silo(**variables)):
        through = statement.get("Condition", {}).get("StringEquals", {}).get("kms:ViaService")
        if through is None or "dynamodb.us-east-1.amazonaws.com" in through:
            given |= set(statement["Action"])
    assert needed <= given


def test_the_deployer_uses_the_key_through_dynamodb_for_this_tenants_table_alone() -> None:
    stack = silo()
    statement = stack.statements("aws_kms_key")["EncryptOwnTable"]
    assert statement["Condition"]["StringEquals"] == {
        "kms:ViaService": ["dynamodb.us-east-1.amazonaws.com"],
        "kms:EncryptionContext:aws:dynamodb:tableName": [stack.one("aws_dynamodb_table")["name"]],
        "kms:EncryptionContext:aws:dynamodb:subscriberId": [ACCOUNT],
    }


def test_functions_roles_outlive_the_network_interfaces_in_a_silo() -> None:
    """Lambda deletes the interfaces as the function's role, up to 20 minutes after the function.

    https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-enis
    """
    stack = silo()
    group = stack.address("aws_security_group")
    for function in ("api", "provisioner"):
        policy = stack.address("aws_iam_role_policy", f"{function}_role")
        assert outlives(stack, policy, group)
        assert outlives(stack, stack.address("aws_iam_role", f"{function}_role"), group)


def test_the_database_provisioners_role_outlives_its_network_interfaces() -> None:
    stack = platform()
    group = stack.address("aws_security_group", "database_provisioner")
    assert outlives(stack, stack.address("aws_iam_role_policy", "provisioner_role"), group)
    assert outlives(stack, stack.address("aws_iam_role", "provisioner_role"), group)


@pytest.mark.parametrize("synthesized", [silo, platform], ids=["silo", "platform"])
def test_the_least_terraform_knows_the_lock_of_a_state_in_s3(
    synthesized: Callable[[], SynthesizedStack],
) -> None:
    """https://developer.hashicorp.com/terraform/language/v1.10.x/backend/s3#use_lockfile."""
    assert synthesized().document["terraform"]["required_version"] == ">= 1.10"
