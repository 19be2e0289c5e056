"""Holes in what a role may do by its own policies."""

from __future__ import annotations

import json

from tests.isolation.holes.editing import (
    RETAIL,
    Documents,
    add,
    allow,
    arn,
    name_of,
    policy,
    resource,
    retail_policy,
    statement,
)
from tests.isolation.holes.hole import A, Hole, R


def a_log_prefix_that_another_tenant_shares(documents: Documents) -> None:
    # The tenant tech-startup becomes retail-co-eu: no hole yet.
    stack = "tenant-tech-startup-test"
    text = json.dumps(documents.pop(stack)).replace("tech-startup", "retail-co-eu")
    documents[stack.replace("tech-startup", "retail-co-eu")] = json.loads(text)
    with statement(retail_policy(documents), "WriteOwnLogGroup") as found:
        found["Resource"] = arn("logs", "log-group:/aws/lambda/tenant-retail-co-*")


def the_other_tenants_table(documents: Documents) -> None:
    with statement(retail_policy(documents), "UseOwnTable") as found:
        found["Resource"] = arn("dynamodb", "table/tenant-acme-corp-metadata-test")


def all_actions_but_some(documents: Documents) -> None:
    with policy(retail_policy(documents)) as statements:
        statements.append(
            {"Sid": "Hole", "Effect": "Allow", "NotAction": ["iam:*", "sts:*"], "Resource": "*"}
        )


def all_resources_but_some(documents: Documents) -> None:
    with policy(retail_policy(documents)) as statements:
        own = "arn:aws:s3:::tenant-retail-co-data-test*"
        statements.append({"Sid": "Hole", "Effect": "Allow", "Action": "s3:List*", "NotResource": own})


def any_account_any_queue(documents: Documents) -> None:
    with statement(retail_policy(documents), "SendDeadLetters") as found:
        found["Resource"] = "arn:aws:sqs:*:*:tenant-*-functions-dlq-test"


def events_of_any_source(documents: Documents) -> None:
    with statement(
        resource(documents, RETAIL, "aws_iam_role_policy", "provisioner"), "AnnounceProvisioning"
    ) as found:
        del found["Condition"]["StringEquals"]["events:source"]


def interfaces_by_the_code_itself(documents: Documents) -> None:
    with policy(retail_policy(documents)) as statements:
        statements[:] = [found for found in statements if found["Sid"] != "DenyNetworkInterfacesToTheCode"]


def a_managed_administrator(documents: Documents) -> None:
    role = "${aws_iam_role." + name_of(documents, RETAIL, "aws_iam_role", "api_role") + ".name}"
    body = {"role": role, "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}
    add(documents, RETAIL, "aws_iam_role_policy_attachment", "hole", body)


def a_bucket_policy_to_be_put(documents: Documents) -> None:
    allow(retail_policy(documents), "s3:PutBucketPolicy")


def a_permission_to_be_added(documents: Documents) -> None:
    allow(
        retail_policy(documents), "lambda:AddPermission", arn("lambda", "function:tenant-acme-corp-api-test")
    )


HOLES = [
    Hole(a_log_prefix_that_another_tenant_shares, R, "retail-co-eu", "logs", "logs:", "#WriteOwnLogGroup"),
    Hole(the_other_tenants_table, R, A, "table", "dynamodb:getitem", "#UseOwnTable"),
    Hole(all_actions_but_some, R, A, "table", "dynamodb:getitem", "#Hole"),
    Hole(all_resources_but_some, R, A, "bucket", "s3:listbucket", "#Hole"),
    Hole(any_account_any_queue, R, A, "queue", "sqs:sendmessage", "#SendDeadLetters"),
    Hole(events_of_any_source, R, A, "events", "events:putevents", "custom.signup"),
    Hole(
        interfaces_by_the_code_itself,
        R,
        A,
        "network",
        "ec2:createnetworkinterface",
        "aws_iam_role_policy.api_role",
    ),
    Hole(a_managed_administrator, R, A, "table", "dynamodb:getitem", "AdministratorAccess"),
    Hole(a_bucket_policy_to_be_put, R, A, "bucket", "s3:putbucketpolicy", "#Hole"),
    Hole(a_permission_to_be_added, R, A, "function", "lambda:addpermission", "#Hole"),
]
