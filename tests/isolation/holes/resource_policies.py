"""Holes in the policies of resources, and in what grants access without one."""

from __future__ import annotations

import json

from tests.isolation.holes.editing import (
    ACME,
    PLATFORM,
    RETAIL_ROLE,
    Documents,
    acme_queue_policy,
    add,
    allow,
    arn,
    name_of,
    policy,
    resource,
    statement,
)
from tests.isolation.holes.hole import ANONYMOUS, FOREIGN, SERVICE, A, Hole, R


def every_principal_but_one(documents: Documents) -> None:
    with policy(resource(documents, ACME, "aws_s3_bucket_policy")) as statements:
        statements.append(
            {
                "Sid": "Hole",
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": "arn:aws:s3:::tenant-acme-corp-data-test/*",
                "NotPrincipal": {"AWS": RETAIL_ROLE},
            }
        )


def a_tag_if_it_exists(documents: Documents) -> None:
    condition = {"StringEqualsIfExists": {"aws:PrincipalTag/TenantId": "acme-corp"}}
    allow(acme_queue_policy(documents), "sqs:ReceiveMessage", Principal="*", Condition=condition)


def a_tag_for_all_values(documents: Documents) -> None:
    condition = {"ForAllValues:StringEquals": {"aws:PrincipalTag/TenantId": "acme-corp"}}
    allow(acme_queue_policy(documents), "sqs:ReceiveMessage", Principal="*", Condition=condition)


def another_tag_is_enough(documents: Documents) -> None:
    condition = {
        "StringNotEquals": {"aws:PrincipalTag/Team": "red"},
        "Null": {"aws:PrincipalTag/TenantId": "false"},
    }
    allow(acme_queue_policy(documents), "sqs:SendMessage", Principal={"AWS": "*"}, Condition=condition)


def the_tag_alone_opens_the_secret(documents: Documents) -> None:
    body = resource(documents, PLATFORM, "aws_secretsmanager_secret_policy", "tenants_acme")
    condition = {"StringEquals": {"aws:PrincipalTag/tenant_id": "acme-corp"}}
    allow(body, "secretsmanager:GetSecretValue", Principal={"AWS": "*"}, Condition=condition)


def a_table_for_another_account(documents: Documents) -> None:
    table = "${aws_dynamodb_table." + name_of(documents, ACME, "aws_dynamodb_table") + ".arn}"
    body = {"resource_arn": table, "policy": json.dumps({"Statement": []})}
    allow(body, "dynamodb:GetItem", Principal={"AWS": "210987654321"})
    add(documents, ACME, "aws_dynamodb_resource_policy", "hole", body)


def a_public_access_control_list(documents: Documents) -> None:
    add(
        documents,
        ACME,
        "aws_s3_bucket_acl",
        "hole",
        {"bucket": "tenant-acme-corp-data-test", "acl": "public-read"},
    )


def a_service_without_a_source(documents: Documents) -> None:
    del resource(documents, ACME, "aws_lambda_permission", "provisioner")["source_arn"]


def a_queue_open_to_the_service(documents: Documents) -> None:
    with statement(acme_queue_policy(documents), "SendDeadLettersOfRule") as found:
        del found["Condition"]


def the_rules_of_all_tenants(documents: Documents) -> None:
    resource(documents, ACME, "aws_lambda_permission", "provisioner")["source_arn"] = arn(
        "events", "rule/tenant-*"
    )


def a_public_function_url(documents: Documents) -> None:
    body = {"function_name": "tenant-acme-corp-api-test", "authorization_type": "NONE"}
    add(documents, ACME, "aws_lambda_function_url", "hole", body)


def an_api_without_authorizer(documents: Documents) -> None:
    del resource(documents, ACME, "aws_apigatewayv2_route")["authorization_type"]


def tokens_of_another_tenant(documents: Documents) -> None:
    add(
        documents,
        ACME,
        "aws_cognito_user_pool",
        "other",
        {"name": "other", "tags": {"TenantId": "retail-co"}},
    )
    settings = resource(documents, ACME, "aws_apigatewayv2_authorizer")["jwt_configuration"]
    settings["issuer"] = "https://${aws_cognito_user_pool.other.endpoint}"


HOLES = [
    Hole(every_principal_but_one, FOREIGN, A, "bucket", "s3:getobject", "#Hole"),
    Hole(a_tag_if_it_exists, ANONYMOUS, A, "queue", "sqs:receivemessage", "#Hole"),
    Hole(a_tag_for_all_values, ANONYMOUS, A, "queue", "sqs:receivemessage", "#Hole"),
    Hole(another_tag_is_enough, R, A, "queue", "sqs:sendmessage", "#Hole"),
    Hole(the_tag_alone_opens_the_secret, FOREIGN, A, "secret", "secretsmanager:getsecretvalue", "#Hole"),
    Hole(a_table_for_another_account, FOREIGN, A, "table", "dynamodb:getitem", "210987654321"),
    Hole(a_public_access_control_list, FOREIGN, A, "bucket", "s3:getobject", "aws_s3_bucket_acl.hole"),
    Hole(a_service_without_a_source, SERVICE, A, "function", "lambda:invokefunction", "events.amazonaws.com"),
    Hole(a_queue_open_to_the_service, SERVICE, A, "queue", "sqs:sendmessage", "#SendDeadLettersOfRule"),
    Hole(
        the_rules_of_all_tenants,
        R,
        A,
        "function",
        "lambda:invokefunction",
        "events.amazonaws.com acting for retail-co",
    ),
    Hole(
        a_public_function_url,
        ANONYMOUS,
        A,
        "function",
        "lambda:invokefunctionurl",
        "aws_lambda_function_url.hole",
    ),
    Hole(an_api_without_authorizer, ANONYMOUS, A, "api", "", "no authorizer"),
    Hole(tokens_of_another_tenant, R, A, "api", "", "takes tokens of"),
]
