"""Edits synthesized documents in place: finds resources, changes policies."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

Documents = dict[str, dict[str, Any]]
Json = dict[str, Any]

ACCOUNT = "${data.aws_caller_identity.account_caller_identity_1A605EFC.account_id}"
REGION = "us-east-1"
ELEMENTS = {f"{not_}{name}" for not_ in ("", "Not") for name in ("Action", "Principal", "Resource")}
ELEMENTS |= {"Condition", "Effect", "Sid"}
PLATFORM, ACME, RETAIL = "shared-platform-test", "tenant-acme-corp-test", "tenant-retail-co-test"


def resource(documents: Documents, stack: str, type_: str, start: str = "") -> Json:
    """The first resource of `type_` whose id starts with `start`."""
    named = documents[stack]["resource"][type_]
    found: Json = named[next(name for name in named if name.startswith(start))]
    return found


def name_of(documents: Documents, stack: str, type_: str, start: str = "") -> str:
    return next(str(name) for name in documents[stack]["resource"][type_] if name.startswith(start))


def add(documents: Documents, stack: str, type_: str, name: str, body: Json) -> None:
    documents[stack]["resource"].setdefault(type_, {})[name] = body


@contextmanager
def policy(body: Json, field: str = "policy") -> Iterator[list[Json]]:
    """The statements of a policy, to be changed in place."""
    document = json.loads(body[field])
    yield document["Statement"]
    body[field] = json.dumps(document)


@contextmanager
def statement(body: Json, sid: str, field: str = "policy") -> Iterator[Json]:
    with policy(body, field) as statements:
        yield next(found for found in statements if found["Sid"] == sid)


def allow(body: Json, action: object, resources: object = "*", field: str = "policy", **more: object) -> None:
    """Add an allowing statement with `more` elements; AWS refuses one that it does not know."""
    assert set(more) <= ELEMENTS, more
    with policy(body, field) as statements:
        statements.append({"Sid": "Hole", "Effect": "Allow", "Action": action, "Resource": resources, **more})


def trust(body: Json, **more: object) -> None:
    """Add a statement that lets someone assume a role; refuses elements that AWS does not know."""
    assert set(more) <= ELEMENTS, more
    with policy(body, "assume_role_policy") as statements:
        statements.append({"Sid": "Hole", "Effect": "Allow", "Action": "sts:AssumeRole", **more})


def retail_policy(documents: Documents) -> Json:
    """The policy of the role that retail-co's API function runs as."""
    return resource(documents, RETAIL, "aws_iam_role_policy", "api_role")


def acme_key(documents: Documents) -> Json:
    return resource(documents, ACME, "aws_kms_key")


def acme_queue_policy(documents: Documents) -> Json:
    return resource(documents, ACME, "aws_sqs_queue_policy")


def arn(service: str, rest: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:{service}:{'' if service == 'iam' else REGION}:{account}:{rest}"


ACME_ROLE = arn("iam", "role/tenant-acme-corp-lambda-role-test")
RETAIL_ROLE = arn("iam", "role/tenant-retail-co-lambda-role-test")
ROOT = {"AWS": arn("iam", "root")}
