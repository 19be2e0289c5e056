"""The stack that rolls releases out, beside a tenant's: proved, and what it must not give a tenant is found."""

from __future__ import annotations

import json

import pytest

from isolation.verdict.analysis import analyse
from tests.isolation.stacks import Documents
from tests.synthesis import ACCOUNT, PRODUCTION, synthesize

REGION = "us-east-1"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:delivery-rollouts-test"


def documents(profile: str) -> Documents:
    environment = {
        "profile": profile,
        "account": ACCOUNT,
        "region": REGION,
        "state_bucket": "states",
        "alarm_topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:pager",
        "delivery": {
            "image": f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/deployer@sha256:{'0' * 64}",
            "deployer_role_arn": f"arn:aws:iam::{ACCOUNT}:role/deployer",
        },
    }
    registry = {
        "created_at": "2026-01-01T00:00:00Z",
        "environments": {"test": environment},
        "tenants": {"acme-corp": {"silo": {"cidr": "10.1.0.0/16"}}},
    }
    variables = PRODUCTION if profile == "production" else {"PROFILE": profile}
    return {stack.id: stack.document for stack in synthesize(registry, **variables).stacks.values()}


@pytest.mark.parametrize("profile", ["development", "production"])
def test_a_tenant_beside_a_delivery_is_proved(profile: str) -> None:
    stacks = documents(profile)
    assert "delivery-test" in stacks
    assert analyse(stacks).verdict == "PROVED"


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("states:StartExecution", MACHINE),
        ("codebuild:StartBuild", f"arn:aws:codebuild:{REGION}:{ACCOUNT}:project/delivery-worker-test"),
        ("dynamodb:PutItem", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/delivery-records-test"),
    ],
)
def test_a_tenant_that_starts_or_changes_a_rollout_is_found(action: str, resource: str) -> None:
    stacks = documents("development")
    policies = stacks["tenant-acme-corp-test"]["resource"]["aws_iam_role_policy"]
    body = next(body for name, body in sorted(policies.items()) if "api" in name)
    policy = json.loads(body["policy"])
    policy["Statement"].append({"Effect": "Allow", "Action": action, "Resource": resource})
    body["policy"] = json.dumps(policy)
    assert analyse(stacks).verdict == "VIOLATED"
