"""The rights as managed policies, each as small as IAM admits."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from deployer.place import Place
from deployer.rights import Right, Table
from deployer.table import ROWS, for_every_stack
from policies.statements import Condition, Statement

MOST_CHARACTERS: Final = 6144
"""Of one managed policy, white space not counted (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)."""
MOST_POLICIES: Final = 10
"""Managed policies of one role, by default (the same page)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedPolicy:
    """One managed policy.

    Attributes:
        name: `tenant-platform-deployer-{suffix}-{number}`.
        document: as IAM takes it, without white space.
    """

    name: str
    document: str


def statements(place: Place, rows: Table = ROWS) -> list[Statement]:
    """Return the rights of `rows` in `place`: one statement for what has the same resources and conditions."""
    merged: dict[tuple[tuple[str, ...], tuple[Condition, ...]], set[str]] = {}
    for right in rights(place, rows):
        merged.setdefault((right.resources, right.conditions), set()).update(right.actions)
    return [
        Statement(
            sid=f"S{number}", actions=tuple(sorted(actions)), resources=resources, conditions=conditions
        )
        for number, ((resources, conditions), actions) in enumerate(merged.items(), start=1)
    ]


def rights(place: Place, rows: Table = ROWS) -> Iterable[Right]:
    """Return what the types of `rows` need in `place`, and what every stack needs."""
    for row in (for_every_stack, *(rows[kind] for kind in sorted(rows))):
        yield from row(place)


def policies(place: Place, rows: Table = ROWS, more: Iterable[Statement] = ()) -> list[NamedPolicy]:
    """Return the managed policies of the role that deploys `place`, the same ones for the same place.

    Args:
        place: one environment.
        rows: what each type needs.
        more: statements of a user's own, which come last.

    Raises:
        ValueError: they are more or longer than IAM admits.
    """
    documents: list[list[dict[str, object]]] = [[]]
    for statement in (*statements(place, rows), *more):
        rendered = statement.rendered()
        if len(_document([*documents[-1], rendered])) > MOST_CHARACTERS:
            documents.append([])
        documents[-1].append(rendered)
    texts = [_document(document) for document in documents]
    if len(texts) > MOST_POLICIES or max(map(len, texts)) > MOST_CHARACTERS:
        raise ValueError(
            f"the policies of {place.suffix!r} have {[len(text) for text in texts]} characters; "
            f"IAM admits {MOST_POLICIES} of {MOST_CHARACTERS}"
        )
    return [
        NamedPolicy(name=f"tenant-platform-deployer-{place.suffix}-{number}", document=text)
        for number, text in enumerate(texts, start=1)
    ]


def trust_example(place: Place) -> str:
    """Return the trust policy of a role that the account's own principals assume, if their policies say so."""
    statement: dict[str, object] = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:{place.partition}:iam::{place.account}:root"},
        "Action": "sts:AssumeRole",
    }
    return _document([statement])


def _document(rendered: list[dict[str, object]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": rendered}, separators=(",", ":"), sort_keys=True)
