"""A role whose policy is made once, of all that was granted."""

from __future__ import annotations

import pytest

from constructs.common.service_role import ServiceRoleProps
from constructs.common.workload_role import WorkloadRole
from policies.grantee import PolicyDraft
from policies.statements import Statement
from tests.construct import Surroundings, alone
from tests.synthesis import ACCOUNT


def statement(sid: str) -> Statement:
    return Statement(sid=sid, actions=("s3:GetObject",), resources=("*",))


def test_its_policy_is_what_it_needs_to_run_and_then_what_was_granted() -> None:
    def build(around: Surroundings) -> None:
        props = ServiceRoleProps(name="a-role", service="lambda.amazonaws.com", tags={"tenant_id": "acme"})
        role = WorkloadRole(around.stack, "role", props)
        role.add_to_policy(statement("Granted"), statement("GrantedToo"))
        runtime = PolicyDraft()
        runtime.add_to_policy(statement("Needed"))
        role.create_policy(runtime)
        around.output("arn", role.arn)

    stack = alone(build)
    assert list(stack.statements("aws_iam_role_policy")) == ["Needed", "Granted", "GrantedToo"]
    policy = stack.one("aws_iam_role_policy")
    assert policy["name"] == "permissions"
    assert policy["role"] == stack.reference("aws_iam_role", attribute="name")
    assert stack.one("aws_iam_role")["name"] == "a-role"
    assert stack.one("aws_iam_role")["tags"] == {"tenant_id": "acme"}
    (trust,) = stack.statements("aws_iam_role", field="assume_role_policy").values()
    assert trust["Principal"] == {"Service": ["lambda.amazonaws.com"]}
    assert stack.output("arn") == f"arn:aws:iam::{ACCOUNT}:role/a-role"


def test_it_may_need_nothing_to_run() -> None:
    def build(around: Surroundings) -> None:
        role = around.role("role")
        role.add_to_policy(statement("Granted"))
        role.create_policy()

    assert list(alone(build).statements("aws_iam_role_policy")) == ["Granted"]


def test_a_right_that_comes_after_the_policy_is_refused_and_not_lost() -> None:
    def build(around: Surroundings) -> None:
        role = around.role("role")
        role.add_to_policy(statement("Granted"))
        role.create_policy()
        with pytest.raises(RuntimeError, match="alone/role: received rights after the role's"):
            role.add_to_policy(statement("Late"))

    alone(build)
