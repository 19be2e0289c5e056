"""Each right in the policies of the stacks' keys is needed, and together they are enough.

The policies are the synthesized ones of production, which are those of development and the rights of backups. Where one
lacks a right, a request of the deployment or of a role is refused.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from emulator import refusals, shims
from emulator.server import Emulator
from tests.emulator import key_uses
from tests.emulator.refused import policy
from tests.synthesis import PRODUCTION, SynthesizedStack, platform, silo, strings

ROLES = {"platform": "platform_key", "fargate": "tenants"}
Key = dict[str, dict[str, Any]]


@cache
def statements_of(name: str) -> Key:
    """Return the statements of one of production's keys, for whoever deploys: here it is the account's root."""
    stack = silo(**PRODUCTION) if name == "silo" else _platform(production=True)
    found = stack.statements("aws_kms_key", ROLES.get(name, ""))
    for statement in found.values():
        named = statement.get("Condition", {}).get("ArnEquals", {})
        if named.pop("aws:PrincipalArn", None) and not named:
            del statement["Condition"]["ArnEquals"]
        if not statement.get("Condition", True):
            del statement["Condition"]
    return found


@cache
def _platform(*, production: bool) -> SynthesizedStack:
    return platform("acme-corp", variables=PRODUCTION if production else {})


@pytest.mark.parametrize("name", [*ROLES, "silo"])
def test_production_has_every_right_of_development(name: str) -> None:
    stack = silo() if name == "silo" else _platform(production=False)
    for sid, statement in stack.statements("aws_kms_key", ROLES.get(name, "")).items():
        assert set(strings(statement)) <= set(strings(statements_of(name)[sid]))


KEYS = {"silo": key_uses.silo, "platform": key_uses.platform, "fargate": key_uses.fargate}
ADMINISTRATION = "AdministerWithoutUse"
NOT_ASKED_FOR = {
    (
        "EncryptLogGroups",
        "kms:Describe*",
    ): "AWS's example names it, but DescribeKey has no encryption context",
    (
        "ReadForBackups",
        "rds.us-east-1.amazonaws.com",
    ): "no page names what AWS Backup's role needs of a cluster's key",
    ("EncryptMasterSecret", "rds.us-east-1.amazonaws.com"): "AWS does not say which of the two services asks",
}
"""Rights that no service is known to ask for, by statement and right, with the reason to have them."""


def rights(statements: key_uses.Statements) -> Iterator[tuple[str, str]]:
    """Yield each action, service and resource that the statements name, but for the administration's."""
    for sid, statement in statements.items():
        if sid == ADMINISTRATION:
            continue
        yield from ((sid, action) for action in statement["Action"] if len(statement["Action"]) > 1)
        for values in statement.get("Condition", {}).values():
            for listed in values.values():
                yield from ((sid, value) for value in listed if len(listed) > 1)
        listed = statement["Principal"].get("AWS", [])
        yield from ((sid, principal) for principal in listed if len(listed) > 1)
    if any("CreateGrant" in sid for sid in statements):
        yield ADMINISTRATION, "kms:DescribeKey"


def without(statements: key_uses.Statements, sid: str, right: str) -> dict[str, Any]:
    """Return the statements without one right, or without the whole statement where the right is empty."""
    changed: dict[str, Any] = copy.deepcopy(dict(statements))
    statement = changed[sid]
    if not right:
        del changed[sid]
        return changed
    lists = [statement["Action"], statement["Principal"].get("AWS", [])]
    lists += [values for block in statement.get("Condition", {}).values() for values in block.values()]
    for values in lists:
        if right in values:
            values.remove(right)
    return changed


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    # A cluster's database is not looked at, and takes seconds to start.
    chosen = set(shims.names()) - {"aurora_postgresql"}
    with Emulator(auth=True, shims=chosen, refusals=refusals.select(None)) as running:
        yield running


def uses(emulator: Emulator, name: str, statements: key_uses.Statements) -> Iterator[tuple[str, str]]:
    """Yield what comes of each use of a key with these statements."""
    emulator.reset()
    key = emulator.client("kms").create_key(Policy=policy(list(statements.values())))["KeyMetadata"]["Arn"]
    yield from KEYS[name](emulator, key, statements_of(name))


@pytest.mark.parametrize("name", KEYS)
def test_the_rights_are_enough(emulator: Emulator, name: str) -> None:
    found = list(uses(emulator, name, statements_of(name)))
    assert [(label, result) for label, result in found if result != "accepted"] == []
    assert found


@pytest.mark.parametrize("name", KEYS)
def test_without_any_one_right_something_is_refused(emulator: Emulator, name: str) -> None:
    statements = statements_of(name)
    cases = [*rights(statements), *((sid, "") for sid in statements if sid != ADMINISTRATION)]
    assert len(cases) > len(statements)
    unnoticed = set()
    for sid, right in cases:
        found = uses(emulator, name, without(statements, sid, right))
        # Ends with the first refusal.
        if all(result == "accepted" for _, result in found):
            unnoticed.add((sid, right))
    assert unnoticed == {case for case in NOT_ASKED_FOR if case in cases}
