"""What is one tenant's on the platform: its bucket, its two roles, its tags."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.synthesis import ACCOUNT, PRODUCTION, THREE, SynthesizedStack, platform, strings

OBJECTS = ["arn:aws:s3:::saas-platform-acme-corp-data-test/*"]
TENANT_TAG = {"aws:PrincipalTag/tenant_id": ["acme-corp"]}
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/shop@sha256:" + "0" * 64


def statements(stack: SynthesizedStack, role: str) -> dict[str, dict[str, Any]]:
    return stack.statements("aws_iam_role_policy", f"tenants_acme-corp_{role}")


def test_the_bucket_is_private_versioned_and_for_its_tenants_principals_alone() -> None:
    stack = platform()
    bucket = stack.one("aws_s3_bucket", "tenants_acme-corp")
    assert bucket["bucket"] == "saas-platform-acme-corp-data-test"
    block = stack.one("aws_s3_bucket_public_access_block", "tenants_acme-corp")
    assert block["block_public_acls"] is block["restrict_public_buckets"] is True
    versioning = stack.one("aws_s3_bucket_versioning", "tenants_acme-corp")
    assert versioning["versioning_configuration"] == {"status": "Enabled"}
    policy = stack.statements("aws_s3_bucket_policy", "tenants_acme-corp")
    assert policy["DenyPlainHttp"]["Condition"] == {"Bool": {"aws:SecureTransport": ["false"]}}
    own = policy["DenyOtherPrincipals"]
    assert own["Condition"] == {"StringNotEquals": TENANT_TAG}
    assert own["Resource"] == OBJECTS
    assert {statement["Effect"] for statement in policy.values()} == {"Deny"}


@pytest.mark.parametrize(
    ("variables", "actions"),
    [
        ({}, ["s3:GetObject*", "s3:PutObject*"]),
        (PRODUCTION, ["s3:DeleteObject*", "s3:GetObject*", "s3:PutObject*"]),
    ],
    ids=["development", "production"],
)
def test_the_bucket_policy_locks_out_neither_the_deployer_nor_force_destroy(
    variables: dict[str, str], actions: list[str]
) -> None:
    stack = platform(variables=variables)
    policy = stack.statements("aws_s3_bucket_policy", "tenants_acme-corp")
    assert policy["DenyOtherPrincipals"]["Action"] == actions
    assert all(s["Resource"] == OBJECTS for sid, s in policy.items() if sid != "DenyPlainHttp")
    bucket = stack.one("aws_s3_bucket", "tenants_acme-corp")
    assert bucket["force_destroy"] is (variables == {})
    assert ("lifecycle" in bucket) is (variables == PRODUCTION)


def test_the_task_role_is_for_this_tenants_bucket_only() -> None:
    found = statements(platform(), "task_role")
    assert set(found) == {"UseOwnObjects", "ListOwnBucket", "UseKeyForObjects"}
    assert found["UseOwnObjects"]["Resource"] == OBJECTS
    assert found["ListOwnBucket"]["Resource"] == [OBJECTS[0].removesuffix("/*")]
    for statement in found.values():
        assert statement["Condition"]["StringEquals"].items() >= TENANT_TAG.items()
        assert "*" not in statement["Resource"]


def test_the_execution_role_writes_its_log_group_and_reads_its_secret_by_exact_arn() -> None:
    found = statements(platform(), "execution_role")
    assert set(found) == {"WriteOwnLogGroup", "ReadOwnSecret", "DecryptOwnSecret"}
    assert found["WriteOwnLogGroup"]["Resource"] == [
        f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:/ecs/tenant/acme-corp/test:log-stream:*"
    ]
    assert found["ReadOwnSecret"]["Action"] == ["secretsmanager:GetSecretValue"]
    assert found["ReadOwnSecret"]["Resource"] == [
        f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:rds/tenant/acme-corp/test/password-AbCdEf"
    ]


def test_the_two_roles_are_two() -> None:
    stack = platform()
    definition = stack.one("aws_ecs_task_definition", "tenants_acme-corp")
    assert definition["task_role_arn"] != definition["execution_role_arn"]
    task, execution = statements(stack, "task_role"), statements(stack, "execution_role")
    actions = [{a for s in role.values() for a in s["Action"]} for role in (task, execution)]
    assert not [action for action in actions[0] if action.startswith(("logs:", "secretsmanager:", "ecr:"))]
    assert not [action for action in actions[1] if action.startswith("s3:")]


def test_an_image_of_ecr_may_be_pulled_from_its_repository_alone() -> None:
    found = statements(platform(settings={"image": ECR}), "execution_role")
    assert found["PullImage"]["Resource"] == ["arn:aws:ecr:us-east-1:123456789012:repository/team/shop"]
    assert found["LogInToRegistry"]["Action"] == ["ecr:GetAuthorizationToken"]
    assert found["LogInToRegistry"]["Resource"] == ["*"]
    assert "PullImage" not in statements(platform(), "execution_role")


@pytest.mark.parametrize("role", ["task_role", "execution_role"])
def test_ecs_assumes_the_roles_for_tasks_of_this_account_and_region(role: str) -> None:
    (trust,) = (
        platform().statements("aws_iam_role", f"tenants_acme-corp_{role}", "assume_role_policy").values()
    )
    assert trust["Principal"] == {"Service": ["ecs-tasks.amazonaws.com"]}
    assert trust["Condition"] == {
        "StringEquals": {"aws:SourceAccount": [ACCOUNT]},
        "ArnLike": {"aws:SourceArn": [f"arn:aws:ecs:us-east-1:{ACCOUNT}:*"]},
    }


def test_no_policy_of_a_tenant_names_another() -> None:
    stack = platform("acme", "acme-eu")
    for kind in (
        "aws_iam_role_policy",
        "aws_s3_bucket_policy",
        "aws_secretsmanager_secret_policy",
        "aws_kms_key",
    ):
        for name, body in stack.all(kind).items():
            if name.startswith("tenants_acme_"):
                for text in strings(json.loads(stack.resolved(body["policy"]))):
                    assert "acme-eu" not in text
                    assert "acme-*" not in text


TAKES_NO_TAGS = {
    "aws_appautoscaling_policy",
    "aws_iam_role_policy",
    "aws_kms_alias",
    "aws_lambda_invocation",
    "aws_s3_bucket_intelligent_tiering_configuration",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_ownership_controls",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_secretsmanager_secret_policy",
}


def test_all_that_is_a_tenants_is_tagged_so() -> None:
    stack = platform()
    for kind, found in stack.document["resource"].items():
        for name, body in found.items():
            owner = next((tenant for tenant in THREE if name.startswith(f"tenants_{tenant}_")), None)
            if owner is None:
                assert not {"tenant_id", "cost_center"} & set(body.get("tags", {})), name
            elif kind not in TAKES_NO_TAGS:
                assert body["tags"].items() >= {"tenant_id": owner, "cost_center": owner}.items(), name


def test_a_roles_policy_fits_iam_with_the_longest_names() -> None:
    """10,240 characters of inline policies: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html."""
    longest = "a" * 30
    stack = platform(longest, settings={"image": ECR}, variables={"ENVIRONMENT_SUFFIX": "s" * 12})
    for body in stack.all("aws_iam_role_policy").values():
        assert len(stack.resolved(body["policy"])) < 10_240
    for body in stack.all("aws_s3_bucket_policy").values():
        assert len(stack.resolved(body["policy"])) < 20 * 1024
