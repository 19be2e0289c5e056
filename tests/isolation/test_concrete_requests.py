"""Concrete requests on the project's own stacks: what is PROVED, none of them contradicts."""

from __future__ import annotations

import random

import pytest

from isolation.evaluator.decision import authorized
from isolation.evaluator.lookup import decide
from isolation.evaluator.request import Request
from isolation.iam.patterns import glob_matches
from isolation.inventory.inventory import Inventory
from isolation.inventory.reading import take_inventory
from isolation.model.outsiders import anonymous, foreign_account
from isolation.model.target import Target
from tests.isolation.holes.editing import ACME, RETAIL, name_of
from tests.isolation.random_policies import HOME, STRANGER
from tests.isolation.stacks import documents


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    return take_inventory(documents(), HOME)


def requests(inventory: Inventory, count: int, *, own: bool = False) -> list[tuple[Target, Request]]:
    """Random requests, close to those that are allowed.

    Args:
        inventory: of the stacks.
        count: how many.
        own: tenants make them on their own resources, instead of tenants and outsiders on another tenant's.
    """
    dice = random.Random(7)
    values = [
        "acme-corp",
        "retail-co",
        "globex-inc",
        "aws:kms",
        "true",
        "custom.signup",
        "tenant-platform.provisioner",
    ]
    keys = ["s3:x-amz-server-side-encryption", "kms:viaservice", "events:source", "kms:grantisforawsresource"]
    targets = [target for target in inventory.targets if target.owner is not None]
    actors = [role for role in inventory.identities if role.owner is not None]
    found: list[tuple[Target, Request]] = []
    while len(found) < count:
        target = dice.choice(targets)
        who = dice.choice([*actors, foreign_account(STRANGER), anonymous()])
        if (who.owner == target.owner) != own:
            continue
        named = [action for found_ in (*who.identity, *target.policy) for action in found_.actions]
        action = dice.choice([*(target.examples or target.actions), *named]).replace(
            "*", dice.choice(["", "x"])
        )
        context: dict[str, tuple[str, ...]] = {"aws:securetransport": ("true",)}
        context |= {key: (dice.choice(values),) for key in keys if dice.random() < 0.4}
        if who.functions:
            context["lambda:sourcefunctionarn"] = (dice.choice(who.functions),)
        if who.type == "foreign":
            context |= {f"aws:principaltag/{key}": (str(target.owner),) for key in ("tenantid", "tenant_id")}
        context |= {key: (dice.choice(allowed),) for key, allowed in target.context}
        resource = dice.choice(target.patterns).replace("*", dice.choice(["", "x", "x/y"]))
        found.append((target, Request(who, action, resource, context)))
    return found


def harmless(target: Target, action: str) -> bool:
    bears = any(glob_matches(pattern, action) for pattern in target.actions)
    return not bears or any(glob_matches(pattern, action) for pattern in target.harmless)


def test_no_concrete_request_contradicts_the_proof(inventory: Inventory) -> None:
    for target, request in requests(inventory, 8000):
        if authorized(target, request).allowed:
            assert harmless(target, request.action), (
                request.caller.name,
                request.action,
                request.resource,
            )


def test_requests_of_the_same_kind_on_own_resources_are_allowed(inventory: Inventory) -> None:
    """The control: the requests of the test above are not denied because none of the kind could be allowed."""
    allowed = {
        target.kind
        for target, request in requests(inventory, 3000, own=True)
        if authorized(target, request).allowed and not harmless(target, request.action)
    }
    assert allowed >= {"bucket", "table", "key", "secret", "logs", "queue"}


def test_a_request_can_be_decided_by_name(inventory: Inventory) -> None:
    stacks = documents()
    api = f"{ACME}/aws_iam_role.{name_of(stacks, ACME, 'aws_iam_role', 'api_role')}"
    own_key = f"{ACME}/aws_kms_key.{name_of(stacks, ACME, 'aws_kms_key')}"
    another_key = f"{RETAIL}/aws_kms_key.{name_of(stacks, RETAIL, 'aws_kms_key')}"
    role = f"arn:aws:iam::{HOME}:role/tenant-acme-corp-lambda-role-test"
    assert decide(inventory, role, "s3:GetObject", "arn:aws:s3:::tenant-acme-corp-data-test/a")
    assert decide(inventory, api, "kms:Decrypt", own_key)
    assert not decide(inventory, api, "kms:Decrypt", another_key)
    assert not decide(inventory, role, "s3:GetObject", "arn:aws:s3:::tenant-retail-co-data-test/a")
    assert not decide(
        inventory,
        role,
        "s3:GetObject",
        "arn:aws:s3:::tenant-acme-corp-data-test/a",
        {"aws:SecureTransport": "false"},
    )
    assert not decide(
        inventory,
        role,
        "dynamodb:Scan",
        f"arn:aws:dynamodb:us-east-1:{HOME}:table/tenant-acme-corp-metadata-test",
    )
    assert decide(inventory, role, "xray:PutTraceSegments", "*")
    with pytest.raises(KeyError):
        decide(inventory, "nobody", "s3:GetObject", "*")
