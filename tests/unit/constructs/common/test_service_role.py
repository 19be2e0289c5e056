"""A role of one AWS service."""

from __future__ import annotations

from constructs.common.service_role import ServiceRole, ServiceRoleProps
from policies.conditions import from_source
from tests.construct import Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

ARN = f"arn:aws:ecs:eu-west-1:{ACCOUNT}:*"
TRUST = {
    "Sid": "ServiceAssumesRole",
    "Effect": "Allow",
    "Action": ["sts:AssumeRole"],
    "Principal": {"Service": ["ecs-tasks.amazonaws.com"]},
}


def role(bound: bool) -> StackDocument:
    def build(around: Surroundings) -> None:
        props = ServiceRoleProps(name="a-role", service="ecs-tasks.amazonaws.com")
        if bound:
            trust = from_source(ACCOUNT, ARN)
            props = ServiceRoleProps(
                name="a-role", service="ecs-tasks.amazonaws.com", trust=trust, tags={"tenant_id": "acme-corp"}
            )
        ServiceRole(around.stack, "role", props)

    return alone(build)


def test_the_service_alone_assumes_it() -> None:
    stack = role(bound=False)
    assert stack.statements("aws_iam_role", field="assume_role_policy") == {"ServiceAssumesRole": TRUST}
    assert set(stack.one("aws_iam_role")) == {"name", "assume_role_policy"}
    assert stack.one("aws_iam_role")["name"] == "a-role"


def test_the_service_assumes_it_under_the_conditions_given() -> None:
    stack = role(bound=True)
    (trust,) = stack.statements("aws_iam_role", field="assume_role_policy").values()
    assert trust == {
        **TRUST,
        "Condition": {
            "ArnLike": {"aws:SourceArn": [ARN]},
            "StringEquals": {"aws:SourceAccount": [ACCOUNT]},
        },
    }
    assert stack.one("aws_iam_role")["tags"] == {"tenant_id": "acme-corp"}
