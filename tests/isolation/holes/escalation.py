"""Holes by which an attacker becomes somebody else."""

from __future__ import annotations

import json

from tests.isolation.holes.editing import (
    ACME_ROLE,
    PLATFORM,
    RETAIL,
    RETAIL_ROLE,
    Documents,
    add,
    allow,
    arn,
    policy,
    resource,
    retail_policy,
    trust,
)
from tests.isolation.holes.hole import A, G, Hole, R


def a_role_to_be_passed_and_a_function_to_be_made(documents: Documents) -> None:
    allow(retail_policy(documents), ["iam:PassRole", "lambda:CreateFunction"])


def code_to_be_replaced(documents: Documents) -> None:
    allow(retail_policy(documents), "lambda:UpdateFunctionCode")


def a_policy_to_be_put_on_itself(documents: Documents) -> None:
    allow(retail_policy(documents), "iam:PutRolePolicy", RETAIL_ROLE)


def a_trust_to_be_changed(documents: Documents) -> None:
    allow(retail_policy(documents), "iam:UpdateAssumeRolePolicy", ACME_ROLE)


def its_own_tags_to_be_changed(documents: Documents) -> None:
    allow(retail_policy(documents), "s3:GetObject", "arn:aws:s3:::tenant-acme-corp-data-test/*")
    allow(retail_policy(documents), "iam:TagRole", RETAIL_ROLE)


def a_boundary_to_be_dropped(documents: Documents) -> None:
    a_boundary_that_caps(documents)
    allow(retail_policy(documents), "iam:DeleteRolePermissionsBoundary", RETAIL_ROLE)
    allow(resource(documents, RETAIL, "aws_iam_policy", "boundary"), "iam:*")


def a_boundary_that_caps(documents: Documents) -> None:
    """No hole: the role's policy is broad, its boundary is not."""
    document = {"Statement": [{"Effect": "Allow", "Action": ["logs:*"], "Resource": "arn:aws:logs:*:*:none"}]}
    add(documents, RETAIL, "aws_iam_policy", "boundary", {"name": "boundary", "policy": json.dumps(document)})
    role = resource(documents, RETAIL, "aws_iam_role", "api_role")
    role["permissions_boundary"] = "${aws_iam_policy.boundary.arn}"
    allow(retail_policy(documents), "dynamodb:*")


def commands_in_other_tasks(documents: Documents) -> None:
    allow(
        resource(documents, PLATFORM, "aws_iam_role_policy", "tenants_globex-inc_task"), "ecs:ExecuteCommand"
    )


def a_platform_role_to_be_assumed(documents: Documents) -> None:
    globex = arn("iam", "role/saas-platform-globex-inc-task-role-test")
    trust(resource(documents, PLATFORM, "aws_iam_role", "provisioner"), Principal={"AWS": globex})


def a_session_tag_of_its_own_choice(documents: Documents) -> None:
    allow(retail_policy(documents), "s3:GetObject", "arn:aws:s3:::tenant-acme-corp-data-test/*")
    role = resource(documents, RETAIL, "aws_iam_role", "api_role")
    with policy(role, "assume_role_policy") as statements:
        actions = ["sts:AssumeRole", "sts:TagSession"]
        statements.append(
            {"Sid": "Hole", "Effect": "Allow", "Action": actions, "Principal": {"AWS": RETAIL_ROLE}}
        )


HOLES = [
    Hole(a_role_to_be_passed_and_a_function_to_be_made, R, A, "role", "iam:passrole", "#Hole"),
    Hole(a_role_to_be_passed_and_a_function_to_be_made, R, A, "table", "dynamodb:getitem", "iam:passrole"),
    Hole(code_to_be_replaced, R, A, "function", "lambda:updatefunctioncode", "#Hole"),
    Hole(code_to_be_replaced, R, A, "bucket", "s3:getobject", "lambda:updatefunctioncode"),
    Hole(a_policy_to_be_put_on_itself, R, A, "table", "dynamodb:getitem", "gives itself every permission"),
    Hole(a_trust_to_be_changed, R, A, "role", "iam:updateassumerolepolicy", "#Hole"),
    Hole(its_own_tags_to_be_changed, R, A, "bucket", "s3:getobject", "changes its own tags"),
    Hole(
        a_session_tag_of_its_own_choice, R, A, "bucket", "s3:getobject", "sts:assumerole on tenant-retail-co"
    ),
    Hole(a_boundary_to_be_dropped, R, A, "table", "dynamodb:getitem", "drops its boundary"),
    Hole(commands_in_other_tasks, G, A, "task", "ecs:executecommand", "#Hole"),
    Hole(commands_in_other_tasks, G, A, "bucket", "s3:getobject", "ecs:executecommand"),
    Hole(a_platform_role_to_be_assumed, G, A, "secret", "secretsmanager:getsecretvalue", "sts:assumerole"),
]
