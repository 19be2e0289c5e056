"""Holes through policies, grants and permissions on what no stack declares under that name."""

from __future__ import annotations

import json

from tests.isolation.holes.editing import (
    ACCOUNT,
    ACME,
    RETAIL,
    Documents,
    Json,
    add,
    allow,
    arn,
    name_of,
    resource,
)
from tests.isolation.holes.hole import ANONYMOUS, A, Hole, R

FUNCTION, QUEUE = "tenant-acme-corp-api-test", "tenant-acme-corp-functions-dlq-test"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"


def _open_policy(action: str) -> str:
    body: Json = {"policy": json.dumps({"Version": "2012-10-17", "Statement": []})}
    allow(body, action, Principal="*")
    return str(body["policy"])


def _permission(documents: Documents, function: str, **more: str) -> None:
    body = {"function_name": function, "action": "lambda:InvokeFunction", "principal": "*", **more}
    add(documents, RETAIL, "aws_lambda_permission", "hole", body)


def an_alias_of_a_function(documents: Documents) -> None:
    _permission(documents, f"{FUNCTION}:live")


def a_function_by_part_of_its_arn(documents: Documents) -> None:
    _permission(documents, f"{ACCOUNT}:function:{FUNCTION}")


def a_version_of_a_function_by_its_arn(documents: Documents) -> None:
    _permission(documents, arn("lambda", f"function:{FUNCTION}:7"))


def a_queue_by_an_old_url(documents: Documents) -> None:
    body = {
        "queue_url": f"https://queue.amazonaws.com/{ACCOUNT}/{QUEUE}",
        "policy": _open_policy("sqs:SendMessage"),
    }
    add(documents, RETAIL, "aws_sqs_queue_policy", "hole", body)
    own = documents[ACME]["resource"]["aws_sqs_queue_policy"]
    for name in [name for name in own if "functions" in name or "function" in json.dumps(own[name])]:
        del own[name]


def a_stream_of_a_table(documents: Documents) -> None:
    stream = "${aws_dynamodb_table." + name_of(documents, ACME, "aws_dynamodb_table") + ".stream_arn}"
    body = {"resource_arn": stream, "policy": _open_policy("dynamodb:GetRecords")}
    add(documents, ACME, "aws_dynamodb_resource_policy", "hole", body)


HOLES = [
    Hole(
        an_alias_of_a_function,
        ANONYMOUS,
        A,
        "function",
        "lambda:invokefunction",
        "aws_lambda_permission.hole",
    ),
    Hole(
        a_function_by_part_of_its_arn, R, A, "function", "lambda:invokefunction", "aws_lambda_permission.hole"
    ),
    Hole(a_version_of_a_function_by_its_arn, R, A, "function", "lambda:invokefunction", "permission.hole"),
    Hole(a_queue_by_an_old_url, ANONYMOUS, A, "queue", "sqs:sendmessage", "#Hole"),
    Hole(a_stream_of_a_table, ANONYMOUS, A, "table", "dynamodb:getrecords", "#Hole"),
]


# What may be a tenant's: never PROVED, and without a counterexample


def a_grant_on_a_key_by_its_id(documents: Documents) -> None:
    role = "${aws_iam_role." + name_of(documents, RETAIL, "aws_iam_role", "api_role") + ".arn}"
    body = {"key_id": KEY, "grantee_principal": role, "operations": ["Decrypt"]}
    add(documents, RETAIL, "aws_kms_grant", "hole", body)


def a_policy_on_a_key_by_its_arn(documents: Documents) -> None:
    body = {"key_id": arn("kms", f"key/{KEY}"), "policy": _open_policy("kms:Decrypt")}
    add(documents, RETAIL, "aws_kms_key_policy", "hole", body)


def a_permission_on_what_a_module_makes(documents: Documents) -> None:
    _permission(documents, "${var.function}")


def a_role_whose_name_is_made_up(documents: Documents) -> None:
    del resource(documents, RETAIL, "aws_iam_role", "api_role")["name"]
    body = {"name": "acme", "policy": "", "tags": {"TenantId": "acme-corp"}}
    principal = {"AWS": arn("iam", "role/terraform-20260101000000000000000001")}
    document: Json = {"policy": json.dumps({"Version": "2012-10-17", "Statement": []})}
    allow(document, "sqs:SendMessage", Principal=principal)
    add(documents, ACME, "aws_sqs_queue", "hole", {**body, **document})


DOUBTS = [
    (a_grant_on_a_key_by_its_id, R, A, "key"),
    (a_policy_on_a_key_by_its_arn, R, A, "key"),
    (a_permission_on_what_a_module_makes, R, A, "function"),
    (a_role_whose_name_is_made_up, R, A, "queue"),
]


# Safe neighbours


def a_permission_on_a_function_of_nobodys(documents: Documents) -> None:
    _permission(documents, "somebody-elses-function:live")


def a_policy_on_a_queue_of_nobodys(documents: Documents) -> None:
    body = {
        "queue_url": f"https://queue.amazonaws.com/{ACCOUNT}/other",
        "policy": _open_policy("sqs:SendMessage"),
    }
    add(documents, RETAIL, "aws_sqs_queue_policy", "hole", body)


SAFE = [a_permission_on_a_function_of_nobodys, a_policy_on_a_queue_of_nobodys]
