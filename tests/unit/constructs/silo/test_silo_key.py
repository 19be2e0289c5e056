"""The tenant's key: its own roles use it, services for this tenant's resources, nobody else gets near it."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from constructs.common.key_policy import KeyPolicy
from constructs.silo.silo_key import silo_key_statements, tenant_use
from policies.statements import policy_document
from tenancy.names.silo import SiloNames
from tenancy.owner import SILO_TAG, Owner
from tests.construct import NAMED, SILO, Surroundings, alone
from tests.synthesis import ACCOUNT, ADMINISTRATOR

CRYPTOGRAPHY = {"kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:CreateGrant"}
LONGEST = Owner(
    tenant="a" * 30, tag=SILO_TAG, tags={}, names=SiloNames(tenant="a" * 30, suffix="abcdefghijkl")
)


@cache
def statements(longest: bool = False) -> dict[str, dict[str, Any]]:
    def build(around: Surroundings) -> None:
        policy = KeyPolicy(account=around.account, administration=NAMED)
        users = (around.role("api_role"), around.role("provisioner_role"))
        made = silo_key_statements(policy, LONGEST if longest else SILO, users)
        around.output("granted", policy_document([policy.administered(), *made]))

    return alone(build).granted()


def test_each_user_by_name_for_one_purpose() -> None:
    assert set(statements()) == {
        "AdministerWithoutUse",
        "CreateGrantsForServices",
        "EncryptOwnTable",
        "EncryptFunctionEnvironment",
        "UseTenantKey",
        "EncryptLogGroups",
        "EncryptDeadLettersOfRule",
    }
    for statement in statements().values():
        assert (statement["Effect"], statement["Resource"]) == ("Allow", ["*"])


def test_another_account_cannot_use_the_key() -> None:
    """Hole 1: a principal `*` with only a tag condition admits every account that tags its own role."""
    for statement in statements().values():
        principals = statement["Principal"].get("AWS", [])
        assert isinstance(principals, list)
        assert all(principal.split(":")[4] == ACCOUNT for principal in principals)


def test_the_deployer_uses_it_through_services_alone() -> None:
    """Hole 2: `kms:*` for the root hands every tenant's key to whoever has broad rights in the account."""
    root = [f"arn:aws:iam::{ACCOUNT}:root"]
    delegated = [s for s in statements().values() if s["Principal"].get("AWS") == root]
    assert len(delegated) == 4
    for statement in delegated:
        assert not [action for action in statement["Action"] if "*" in action]
        assert statement["Condition"]["ArnEquals"]["aws:PrincipalArn"] == [ADMINISTRATOR]
        if set(statement["Action"]) & CRYPTOGRAPHY:
            assert "kms:ViaService" in statement["Condition"]["StringEquals"]


def test_dynamodb_and_lambda_may_be_granted_the_key() -> None:
    assert statements()["CreateGrantsForServices"]["Condition"]["StringEquals"]["kms:ViaService"] == [
        "dynamodb.eu-west-1.amazonaws.com",
        "lambda.eu-west-1.amazonaws.com",
    ]


def test_the_deployer_gives_the_key_to_this_tenants_table_and_to_no_other() -> None:
    table = statements()["EncryptOwnTable"]
    assert table["Action"] == [
        "kms:Decrypt",
        "kms:Encrypt",
        "kms:GenerateDataKey",
        "kms:GenerateDataKeyWithoutPlaintext",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
    ]
    assert table["Condition"]["StringEquals"] == {
        "kms:ViaService": ["dynamodb.eu-west-1.amazonaws.com"],
        "kms:EncryptionContext:aws:dynamodb:tableName": ["tenant-acme-corp-metadata-test"],
        "kms:EncryptionContext:aws:dynamodb:subscriberId": [ACCOUNT],
    }


def test_the_deployer_reads_the_environment_of_this_tenants_functions() -> None:
    context = "kms:EncryptionContext:aws:lambda:FunctionArn"
    assert statements()["EncryptFunctionEnvironment"]["Condition"]["ArnEquals"][context] == [
        f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:tenant-acme-corp-api-test",
        f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:tenant-acme-corp-provisioner-test",
    ]


def test_the_tenants_roles_use_the_key_by_name_and_by_tag() -> None:
    assert statements()["UseTenantKey"] == {
        "Sid": "UseTenantKey",
        "Effect": "Allow",
        "Principal": {
            "AWS": [
                f"arn:aws:iam::{ACCOUNT}:role/api-role",
                f"arn:aws:iam::{ACCOUNT}:role/provisioner-role",
            ]
        },
        "Action": ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"],
        "Resource": ["*"],
        "Condition": {"StringEquals": {"aws:PrincipalTag/TenantId": ["acme-corp"]}},
    }
    assert tenant_use(SILO).sid == "UseTenantKey"


def test_the_logs_service_uses_the_key_for_each_of_this_tenants_groups_by_name() -> None:
    """That these are the groups that are deployed is a rule of the whole stack."""
    logs = statements()["EncryptLogGroups"]["Condition"]["ArnEquals"]
    names = (
        "/aws/lambda/tenant-acme-corp-api-test",
        "/aws/lambda/tenant-acme-corp-provisioner-test",
        "/aws/vendedlogs/apigateway/tenant-acme-corp-http-test",
        "/aws/vpc/tenant-acme-corp-flow-logs-test",
    )
    arns = [f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:{name}" for name in names]
    assert logs == {"kms:EncryptionContext:aws:logs:arn": arns}


def test_eventbridge_uses_the_key_for_the_rules_dead_letters_only_under_a_condition_that_kms_can_decide() -> (
    None
):
    queue = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:tenant-acme-corp-events-dlq-test"
    assert statements()["EncryptDeadLettersOfRule"] == {
        "Sid": "EncryptDeadLettersOfRule",
        "Effect": "Allow",
        "Principal": {"Service": ["events.amazonaws.com"]},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": ["*"],
        "Condition": {"ArnEquals": {"kms:EncryptionContext:aws:sqs:arn": [queue]}},
    }


def test_a_key_policy_fits_kms_with_the_longest_names() -> None:
    """32 KiB: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html."""
    found = statements(longest=True)
    assert "a" * 30 in json.dumps(found)
    assert "abcdefghijkl" in json.dumps(found)
    assert len(json.dumps(list(found.values()))) < 32 * 1024
