"""A key: administered without being usable, and never by whom the key would lock out."""

from __future__ import annotations

from functools import cache

import pytest

from constructs.common.customer_key import CustomerKey, CustomerKeyProps
from constructs.common.key_policy import KeyPolicy, KeyUse, roles_may
from policies.statements import Condition
from tenancy.protection import KeyAdministration, Protection
from tests.construct import ANYONE, DISPOSABLE, NAMED, PROTECTED, Surroundings, alone
from tests.synthesis import ACCOUNT, ADMINISTRATOR, StackDocument

USE = KeyUse(
    sid="UseKey",
    actions=("kms:Decrypt",),
    conditions=(Condition(operator="StringEquals", key="kms:ViaService", values=("s3",)),),
)


@cache
def key(
    administration: KeyAdministration = ANYONE, protection: Protection = DISPOSABLE, tagged: bool = False
) -> StackDocument:
    def build(around: Surroundings) -> None:
        policy = KeyPolicy(account=around.account, administration=administration)
        props = CustomerKeyProps(
            description="Data of a tenant",
            alias="alias/a-tenant",
            policy=policy,
            statements=[roles_may(USE, around.role("a_role"))],
            protection=protection,
            tags={"tenant_id": "acme-corp"} if tagged else {},
        )
        created = CustomerKey(around.stack, "tenant_key", props)
        around.grant(lambda grantee: created.grant_use(grantee, USE))

    return alone(build)


def test_the_key_rotates_and_waits_before_it_is_deleted() -> None:
    for administration, days in ((ANYONE, 7), (NAMED, 30)):
        body = key(administration).one("aws_kms_key")
        assert body["enable_key_rotation"] is True
        assert body["deletion_window_in_days"] == days


def test_its_description_and_tags_are_those_given() -> None:
    assert key().one("aws_kms_key")["description"] == "Data of a tenant"
    assert "tags" not in key().one("aws_kms_key")
    assert key(tagged=True).one("aws_kms_key")["tags"] == {"tenant_id": "acme-corp"}


def test_the_alias_names_the_key() -> None:
    assert key().one("aws_kms_alias") == {
        "name": "alias/a-tenant",
        "target_key_id": key().reference("aws_kms_key", attribute="key_id"),
    }


def test_its_policy_is_administration_and_the_statements_given() -> None:
    assert list(key().statements("aws_kms_key")) == ["AdministerWithoutUse", "UseKey"]


def test_a_protected_key_is_not_destroyed() -> None:
    assert key(protection=PROTECTED).one("aws_kms_key")["lifecycle"] == {"prevent_destroy": True}
    assert not key().one("aws_kms_key").get("lifecycle")


@pytest.mark.parametrize("protection", [DISPOSABLE, PROTECTED], ids=["disposable", "protected"])
def test_a_plan_fails_before_a_deployer_locks_itself_out(protection: Protection) -> None:
    """The deployer is a role, whatever session it deploys in: the session's issuer is compared."""
    other = "arn:aws:iam::123456789012:role/other"
    two = KeyAdministration(administrators=(ADMINISTRATOR, other), deletion_window_days=30)
    stack = key(two, protection)
    session = stack.document["data"]["aws_iam_session_context"]
    deployer = next(name for name in stack.document["data"]["aws_caller_identity"] if "deployer" in name)
    ((name, context),) = session.items()
    assert context == {"arn": f"${{data.aws_caller_identity.{deployer}.arn}}"}
    issuer = f"data.aws_iam_session_context.{name}.issuer_arn"
    assert stack.one("aws_kms_key")["lifecycle"]["precondition"] == [
        {
            "condition": f'${{contains(["{ADMINISTRATOR}", "{other}"], {issuer})}}',
            "error_message": (
                "KEY_ADMINISTRATOR_ARNS does not name the role or user that deploys; the key would refuse its next "
                f"change. Received ${{{issuer}}}, expected one of: {ADMINISTRATOR}, {other}."
            ),
        }
    ]


def test_where_nobody_is_named_nobody_is_checked() -> None:
    assert "aws_iam_session_context" not in key().document["data"]
    assert "precondition" not in key().one("aws_kms_key").get("lifecycle", {})


def test_a_role_may_use_the_key_as_the_keys_policy_says() -> None:
    of_role, of_key = key().granted()["UseKey"], key().statements("aws_kms_key")["UseKey"]
    assert of_role == {
        "Sid": "UseKey",
        "Effect": "Allow",
        "Action": ["kms:Decrypt"],
        "Resource": [f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/alone"],
        "Condition": {"StringEquals": {"kms:ViaService": ["s3"]}},
    }
    assert of_key == {
        **of_role,
        "Resource": ["*"],
        "Principal": {"AWS": [f"arn:aws:iam::{ACCOUNT}:role/a-role"]},
    }
