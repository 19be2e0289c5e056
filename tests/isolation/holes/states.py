"""Holes in where states are kept: a state has every value of its stack."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.isolation.holes.editing import (
    ACME,
    RETAIL,
    Documents,
    add,
    allow,
    name_of,
    resource,
    retail_policy,
)
from tests.isolation.holes.hole import Hole, R
from tests.isolation.holes.moved import named

Edit = Callable[[Documents], None]
BUCKET = "states-of-all"


def _keep(documents: Documents, stack: str, bucket: str, key: str) -> None:
    backend = {"bucket": bucket, "key": key, "region": "us-east-1", "encrypt": True, "use_lockfile": True}
    documents[stack]["terraform"]["backend"] = {"s3": backend}


def states_in_a_bucket_that_no_stack_declares(documents: Documents) -> None:
    for stack in documents:
        _keep(documents, stack, BUCKET, f"{stack}.tfstate")


def states_that_a_tenant_reads(documents: Documents) -> None:
    states_in_a_bucket_that_no_stack_declares(documents)
    allow(retail_policy(documents), "s3:GetObject", f"arn:aws:s3:::{BUCKET}/*")


def states_that_a_tenant_writes(documents: Documents) -> None:
    states_in_a_bucket_that_no_stack_declares(documents)
    allow(retail_policy(documents), "s3:PutObject", f"arn:aws:s3:::{BUCKET}/{RETAIL}.tfstate")


def a_state_in_anothers_bucket(documents: Documents) -> None:
    _keep(documents, ACME, named(documents, RETAIL, "aws_s3_bucket", "bucket"), "acme")


def the_platforms_state_in_a_tenants_bucket(documents: Documents) -> None:
    bucket = named(documents, RETAIL, "aws_s3_bucket", "bucket")
    _keep(documents, next(iter(sorted(documents))), bucket, "platform")


def _backend(documents: Documents, **backend: Any) -> None:
    documents[ACME]["terraform"]["backend"] = backend


def a_state_in_its_own_bucket(documents: Documents) -> None:
    _keep(documents, RETAIL, named(documents, RETAIL, "aws_s3_bucket", "bucket"), "own")


def two_states_in_one_file(documents: Documents) -> None:
    for stack in (ACME, RETAIL):
        documents[stack]["terraform"]["backend"] = {"local": {"path": "../../one.tfstate"}}


def a_state_that_is_public(documents: Documents) -> None:
    _backend(documents, s3={"bucket": BUCKET, "key": "x", "region": "us-east-1", "acl": "public-read"})


def a_state_somewhere_else(documents: Documents) -> None:
    _backend(documents, http={"address": "https://states.example"})


def a_state_in_a_bucket_by_expression(documents: Documents) -> None:
    _backend(documents, s3={"key": "x", "region": "us-east-1"})


def _import(documents: Documents, type_: str, id_: str) -> None:
    to = f"{type_}.{name_of(documents, RETAIL, type_)}"
    documents[RETAIL].setdefault("import", []).append({"to": to, "id": id_})


def anothers_queue_is_imported(documents: Documents) -> None:
    name = named(documents, ACME, "aws_sqs_queue", "name")
    _import(documents, "aws_sqs_queue", f"https://sqs.us-east-1.amazonaws.com/123456789012/{name}")


def a_network_is_imported_by_its_id(documents: Documents) -> None:
    _import(documents, "aws_vpc", "vpc-0123456789abcdef0")


def what_nothing_declares_is_imported(documents: Documents) -> None:
    documents[RETAIL]["import"] = [{"to": "aws_sqs_queue.nowhere", "id": "x"}]


def the_own_table_is_imported(documents: Documents) -> None:
    _import(documents, "aws_dynamodb_table", named(documents, RETAIL, "aws_dynamodb_table", "name"))


def the_own_log_group_is_imported(documents: Documents) -> None:
    body = {"name": "/tenants/retail-co/more"}
    add(documents, RETAIL, "aws_cloudwatch_log_group", "more", body)
    assert resource(documents, RETAIL, "aws_cloudwatch_log_group", "more") is body
    documents[RETAIL].setdefault("import", []).append(
        {"to": "aws_cloudwatch_log_group.more", "id": body["name"]}
    )


HOLES = [
    Hole(states_that_a_tenant_reads, R, "(platform)", "bucket", "s3:getobject", "Hole"),
    Hole(states_that_a_tenant_writes, R, "(platform)", "bucket", "s3:putobject", "Hole"),
    Hole(a_state_in_anothers_bucket, R, "acme-corp", "bucket", "", "has the state of"),
    Hole(the_platforms_state_in_a_tenants_bucket, R, "(platform)", "bucket", "", "has the state of"),
]
"""Found as VIOLATED."""

DOUBTS = [
    (a_state_in_its_own_bucket, "a tenant's bucket has the state of"),
    (two_states_in_one_file, "keep their states in one place"),
    (a_state_that_is_public, "terraform.backend.s3.acl"),
    (a_state_somewhere_else, "terraform.backend.http"),
    (a_state_in_a_bucket_by_expression, "terraform.backend.s3.bucket"),
    (anothers_queue_is_imported, "import takes in"),
    (a_network_is_imported_by_its_id, "import takes in"),
    (what_nothing_declares_is_imported, "which the stack does not declare"),
]
"""Each with what the gap says."""

SAFE = [
    states_in_a_bucket_that_no_stack_declares,
    the_own_table_is_imported,
    the_own_log_group_is_imported,
]
