"""Holes in what the language of policies means: wide resources, old versions, keys that a request does not carry."""

from __future__ import annotations

from tests.isolation.holes.editing import (
    RETAIL,
    Documents,
    Json,
    acme_queue_policy,
    allow,
    arn,
    policy,
    resource,
    retail_policy,
)
from tests.isolation.holes.hole import ANONYMOUS, A, Hole, R

ACME_TABLE = arn("dynamodb", "table/tenant-acme-corp-metadata-test")
ACME_QUEUE = "arn:aws:sqs:*:*:tenant-acme-corp-*"
OWN_TAG = {"aws:ResourceTag/TenantId": "retail-co"}
OTHER_TAG = {"aws:ResourceTag/TenantId": ["acme-corp", "globex-inc", "tech-startup", "initech-llc"]}


def deny(body: Json, action: str, resources: str = "*", **more: object) -> None:
    """Add a denial."""
    with policy(body) as statements:
        statements.append({"Sid": "No", "Effect": "Deny", "Action": action, "Resource": resources, **more})


# How a Resource is read


def an_incomplete_arn(documents: Documents) -> None:
    allow(retail_policy(documents), "dynamodb:GetItem", "arn:aws:dynamodb")


def a_star_that_runs_over_colons(documents: Documents) -> None:
    allow(retail_policy(documents), "sqs:ReceiveMessage", "arn:aws:sqs:*:tenant-acme-corp-functions-dlq-test")


def a_star_that_runs_over_three_segments(documents: Documents) -> None:
    allow(retail_policy(documents), "secretsmanager:*", "arn:aws:secretsmanager*")
    allow(
        acme_queue_policy(documents),
        "sqs:SendMessage",
        "arn:aws:*:tenant-acme-corp-events-dlq-test",
        Principal="*",
    )


# What the version of a policy means


def _rival(documents: Documents, version: str) -> None:
    """Let retail-co read acme-corp's table, but for a denial that names the table by a tag of the role."""
    role = resource(documents, RETAIL, "aws_iam_role", "api_role")
    role["tags"] = {**role.get("tags", {}), "Rival": "acme-corp"}
    body = retail_policy(documents)
    allow(body, "dynamodb:GetItem", ACME_TABLE)
    deny(
        body,
        "dynamodb:*",
        "arn:aws:dynamodb:*:*:table/tenant-${aws:PrincipalTag/Rival}-metadata-test".replace("${", "$${"),
    )
    body["policy"] = body["policy"].replace("2012-10-17", version)


def a_variable_in_an_old_version(documents: Documents) -> None:
    _rival(documents, "2008-10-17")


def a_variable_without_a_version(documents: Documents) -> None:
    _rival(documents, "")


def a_variable_of_an_old_version_in_a_condition(documents: Documents) -> None:
    body = acme_queue_policy(documents)
    condition = {"StringNotEquals": {"aws:PrincipalTag/TenantId": "$${aws:PrincipalTag/TenantId}"}}
    allow(body, "sqs:SendMessage", Principal={"AWS": "*"}, Condition=condition)
    body["policy"] = body["policy"].replace("2012-10-17", "2008-10-17")


# Keys that a request does not carry


def a_denial_by_the_tags_of_objects(documents: Documents) -> None:
    tags = {"aws:ResourceTag/tenant_id": OTHER_TAG["aws:ResourceTag/TenantId"]}
    allow(retail_policy(documents), "s3:GetObject")
    deny(retail_policy(documents), "s3:*", Condition={"StringEquals": tags})


def a_denial_by_another_services_tags(documents: Documents) -> None:
    allow(retail_policy(documents), "sqs:ReceiveMessage", ACME_QUEUE)
    tags = {"ec2:ResourceTag/TenantId": OTHER_TAG["aws:ResourceTag/TenantId"]}
    deny(retail_policy(documents), "sqs:*", Condition={"StringEquals": tags})


def a_negated_tag_of_another_service(documents: Documents) -> None:
    condition = {"StringNotEquals": {"iam:ResourceTag/TenantId": "acme-corp"}}
    allow(retail_policy(documents), "dynamodb:GetItem", ACME_TABLE, Condition=condition)


def a_tag_of_another_service_if_it_exists(documents: Documents) -> None:
    condition = {"StringEqualsIfExists": {"kms:ResourceTag/TenantId": "nobody"}}
    allow(acme_queue_policy(documents), "sqs:ReceiveMessage", Principal="*", Condition=condition)


def objects_without_a_tag(documents: Documents) -> None:
    condition = {"Null": {"aws:ResourceTag/TenantId": "true"}}
    allow(retail_policy(documents), "s3:GetObject", "arn:aws:s3:::tenant-acme*", Condition=condition)


def a_denial_where_the_tag_exists(documents: Documents) -> None:
    allow(retail_policy(documents), "sqs:ReceiveMessage", ACME_QUEUE)
    condition = {"Null": {"rds:ResourceTag/TenantId": "false"}}
    deny(retail_policy(documents), "sqs:*", Condition=condition)


HOLES = [
    Hole(an_incomplete_arn, R, A, "table", "dynamodb:getitem", "#Hole"),
    Hole(a_star_that_runs_over_colons, R, A, "queue", "sqs:receivemessage", "#Hole"),
    Hole(a_star_that_runs_over_three_segments, R, "(platform)", "secret", "secretsmanager:", "#Hole"),
    Hole(a_star_that_runs_over_three_segments, ANONYMOUS, A, "queue", "sqs:sendmessage", "#Hole"),
    Hole(a_variable_in_an_old_version, R, A, "table", "dynamodb:getitem", "#Hole"),
    Hole(a_variable_without_a_version, R, A, "table", "dynamodb:getitem", "#Hole"),
    Hole(a_variable_of_an_old_version_in_a_condition, R, A, "queue", "sqs:sendmessage", "#Hole"),
    Hole(a_denial_by_the_tags_of_objects, R, A, "bucket", "s3:getobject", "#Hole"),
    Hole(a_denial_by_another_services_tags, R, A, "queue", "sqs:receivemessage", "#Hole"),
    Hole(a_negated_tag_of_another_service, R, A, "table", "dynamodb:getitem", "#Hole"),
    Hole(a_tag_of_another_service_if_it_exists, ANONYMOUS, A, "queue", "sqs:receivemessage", "#Hole"),
    Hole(objects_without_a_tag, R, A, "bucket", "s3:getobject", "#Hole"),
    Hole(a_denial_where_the_tag_exists, R, A, "queue", "sqs:receivemessage", "#Hole"),
]


# What AWS does not say: never PROVED, and without a counterexample


def a_denial_with_a_star_over_colons(documents: Documents) -> None:
    allow(retail_policy(documents), "dynamodb:GetItem", ACME_TABLE)
    deny(retail_policy(documents), "dynamodb:*", "arn:aws:*:table/tenant-acme-corp-metadata-test")


def an_incomplete_arn_in_a_denial(documents: Documents) -> None:
    allow(retail_policy(documents), "dynamodb:GetItem", ACME_TABLE)
    deny(retail_policy(documents), "dynamodb:*", "arn:aws:dynamodb")


def a_star_inside_a_segment(documents: Documents) -> None:
    allow(retail_policy(documents), "sqs:SendMessage", "arn:aws:s*5:tenant-acme-corp-functions-dlq-test:x")
    allow(retail_policy(documents), "sqs:SendMessage", "arn:aws:s*:::*q*-functions?dlq-test")
    allow(retail_policy(documents), "sqs:SendMessage", "arn:aws:*-acme-corp-functions-dlq-test")


def a_denial_by_tags_that_are_perhaps_carried(documents: Documents) -> None:
    allow(
        retail_policy(documents),
        "logs:GetLogEvents",
        "arn:aws:logs:*:*:log-group:/aws/lambda/tenant-acme-corp-*",
    )
    deny(retail_policy(documents), "logs:*", Condition={"StringEquals": OTHER_TAG})


DOUBTS = [
    (a_denial_with_a_star_over_colons, R, A, "table"),
    (an_incomplete_arn_in_a_denial, R, A, "table"),
    (a_star_inside_a_segment, R, A, "queue"),
    (a_denial_by_tags_that_are_perhaps_carried, R, A, "logs"),
]


# Safe neighbours


def a_denial_by_tags_that_are_always_carried(documents: Documents) -> None:
    allow(retail_policy(documents), "secretsmanager:GetSecretValue")
    deny(retail_policy(documents), "secretsmanager:*", Condition={"StringNotEquals": OWN_TAG})


def a_negated_denial_by_a_tag_that_is_missing(documents: Documents) -> None:
    tags = {"ec2:ResourceTag/TenantId": "retail-co"}
    allow(retail_policy(documents), "secretsmanager:GetSecretValue")
    deny(retail_policy(documents), "secretsmanager:*", Condition={"StringNotEquals": tags})


def a_denial_segment_by_segment(documents: Documents) -> None:
    allow(retail_policy(documents), "dynamodb:GetItem", ACME_TABLE)
    deny(retail_policy(documents), "dynamodb:*", "arn:aws:*:*:*:table/tenant-acme-*")


def a_variable_of_the_new_version(documents: Documents) -> None:
    _rival(documents, "2012-10-17")


def its_own_secret_by_its_tag(documents: Documents) -> None:
    condition = {"StringEquals": {"secretsmanager:ResourceTag/TenantId": "retail-co"}}
    allow(
        retail_policy(documents),
        "secretsmanager:GetSecretValue",
        "arn:aws:secretsmanager",
        Condition=condition,
    )


SAFE = [
    a_denial_by_tags_that_are_always_carried,
    a_negated_denial_by_a_tag_that_is_missing,
    a_denial_segment_by_segment,
    a_variable_of_the_new_version,
    its_own_secret_by_its_tag,
]
