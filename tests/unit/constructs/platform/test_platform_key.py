"""The platform's own key: the database's and the platform's logs, and no tenant's."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from constructs.common.key_policy import KeyPolicy
from constructs.platform.platform_key import master_secret_use, platform_key_statements
from policies.statements import policy_document
from tenancy.names.platform import PlatformNames
from tests.construct import NAMED, PLATFORM, Surroundings, alone
from tests.synthesis import ACCOUNT, ADMINISTRATOR

ROOT_PRINCIPAL = [f"arn:aws:iam::{ACCOUNT}:root"]
PROVISIONER = [f"arn:aws:iam::{ACCOUNT}:role/provisioner-role"]
VIA_SECRETS = {"kms:ViaService": ["secretsmanager.eu-west-1.amazonaws.com"]}


@cache
def statements(suffix: str = "test") -> dict[str, dict[str, Any]]:
    def build(around: Surroundings) -> None:
        policy = KeyPolicy(account=around.account, administration=NAMED)
        names = PLATFORM if suffix == PLATFORM.suffix else PlatformNames(suffix=suffix)
        made = platform_key_statements(policy, names, around.role("provisioner_role"), web_acl=True)
        around.output("granted", policy_document([policy.administered(), *made]))

    return alone(build).granted()


def test_each_user_by_name_for_one_purpose() -> None:
    assert set(statements()) == {
        "AdministerWithoutUse",
        "CreateGrantsForServices",
        "EncryptMasterSecret",
        "EncryptFunctionEnvironment",
        "DecryptMasterSecret",
        "EncryptLogGroups",
    }
    for statement in statements().values():
        assert (statement["Effect"], statement["Resource"]) == ("Allow", ["*"])


def test_no_tenants_role_uses_it() -> None:
    principals = {p for s in statements().values() for p in s["Principal"].get("AWS", [])}
    assert principals == {*ROOT_PRINCIPAL, *PROVISIONER}


def test_the_deployer_uses_it_through_services_alone() -> None:
    delegated = [s for s in statements().values() if s["Principal"].get("AWS") == ROOT_PRINCIPAL]
    assert len(delegated) == 4
    for statement in delegated:
        assert statement["Condition"]["ArnEquals"]["aws:PrincipalArn"] == [ADMINISTRATOR]
        if statement["Sid"] != "AdministerWithoutUse":
            assert "kms:ViaService" in statement["Condition"]["StringEquals"]


def test_the_services_that_may_be_granted_it() -> None:
    assert statements()["CreateGrantsForServices"]["Condition"]["StringEquals"]["kms:ViaService"] == [
        "lambda.eu-west-1.amazonaws.com",
        "rds.eu-west-1.amazonaws.com",
        "secretsmanager.eu-west-1.amazonaws.com",
    ]


def test_the_deployer_creates_the_masters_secret_through_two_services() -> None:
    secret = statements()["EncryptMasterSecret"]
    assert secret["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert secret["Condition"]["StringEquals"] == {
        "kms:ViaService": ["rds.eu-west-1.amazonaws.com", "secretsmanager.eu-west-1.amazonaws.com"]
    }


def test_the_deployer_reads_the_provisioners_environment() -> None:
    context = statements()["EncryptFunctionEnvironment"]["Condition"]["ArnEquals"]
    function = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:shared-platform-db-provisioner-test"
    assert context["kms:EncryptionContext:aws:lambda:FunctionArn"] == [function]


def test_the_provisioner_reads_the_masters_secret_with_it_and_nothing_else() -> None:
    assert statements()["DecryptMasterSecret"] == {
        "Sid": "DecryptMasterSecret",
        "Effect": "Allow",
        "Principal": {"AWS": PROVISIONER},
        "Action": ["kms:Decrypt"],
        "Resource": ["*"],
        "Condition": {"StringEquals": VIA_SECRETS},
    }


def test_the_provisioners_own_policy_says_the_same() -> None:
    def build(around: Surroundings) -> None:
        around.grant(lambda grantee: around.key.grant_use(grantee, master_secret_use(around.account)))

    (use,) = alone(build).granted().values()
    assert (use["Action"], use["Condition"]) == (["kms:Decrypt"], {"StringEquals": VIA_SECRETS})


def test_the_logs_service_uses_it_for_each_of_the_platforms_groups_by_name() -> None:
    logs = statements()["EncryptLogGroups"]["Condition"]["ArnEquals"]
    assert logs["kms:EncryptionContext:aws:logs:arn"] == [
        f"arn:aws:logs:eu-west-1:{ACCOUNT}:log-group:{name}"
        for name in (
            "/aws/ecs/containerinsights/shared-platform-test/performance",
            "/aws/lambda/shared-platform-db-provisioner-test",
            "/aws/rds/cluster/shared-platform-db-test/postgresql",
            "/aws/vpc/shared-platform-flow-logs-test",
            "aws-waf-logs-shared-platform-waf-test",
        )
    ]


def test_a_key_policy_fits_kms_with_the_longest_names() -> None:
    """32 KiB: https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html."""
    longest = json.dumps(list(statements("s" * 12).values()))
    assert "s" * 12 in longest
    assert len(longest) < 32 * 1024
