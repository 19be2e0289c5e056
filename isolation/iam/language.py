"""A parsed policy as data: its statements, the principals that they name, and their conditions.

The encoding and the evaluator share this and the model, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

Effect = Literal["Allow", "Deny"]
Quantifier = Literal["", "ForAnyValue", "ForAllValues"]

OPERATORS: Final = frozenset(
    {
        "StringEquals",
        "StringNotEquals",
        "StringEqualsIgnoreCase",
        "StringNotEqualsIgnoreCase",
        "StringLike",
        "StringNotLike",
        "ArnEquals",
        "ArnNotEquals",
        "ArnLike",
        "ArnNotLike",
        "Bool",
        "Null",
        "IpAddress",
        "NotIpAddress",
    }
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html.
Numeric, date and binary operators are not modelled: the parser raises `Unsupported`."""

VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
"""A policy variable (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html)."""


@dataclass(frozen=True, slots=True)
class ParsedCondition:
    """One operator on one condition key. All conditions of a statement must hold; any of the values satisfies one.

    Attributes:
        operator: one of `OPERATORS`.
        quantifier: how a key with several values is read; empty for a key with one.
        if_exists: whether a missing key satisfies it.
        key: lower-case, as keys are not case-sensitive.
        values: patterns that the key is compared with.
    """

    operator: str
    quantifier: Quantifier
    if_exists: bool
    key: str
    values: tuple[str, ...]

    @property
    def negated(self) -> bool:
        """Whether a missing key satisfies it: `StringNotEquals` and the like."""
        return "Not" in self.operator


@dataclass(frozen=True, slots=True)
class PrincipalPattern:
    """One principal that a resource policy names.

    Attributes:
        kind: `any` is everybody, anonymous callers included; `account` delegates to the account's identity policies;
            `arn` is one role, user or session; `service` is an AWS service.
        name: account id, ARN or service; empty for `any`.
    """

    kind: Literal["any", "account", "arn", "service"]
    name: str = ""


ANYONE: Final = PrincipalPattern("any")


@dataclass(frozen=True, slots=True)
class ParsedStatement:
    """One statement.

    Attributes:
        source: where it is declared, for people: `stack/type.name#Sid`.
        effect: Allow or Deny.
        actions: lower-case patterns.
        not_action: it covers all actions except these.
        resources: patterns of ARNs.
        not_resource: it covers all resources except these.
        principals: whom it covers; `None` in identity policies.
        not_principal: it covers all principals except these.
        conditions: all must hold.
        doubts: what of it is not modelled.
    """

    source: str
    effect: Effect
    actions: tuple[str, ...]
    resources: tuple[str, ...]
    not_action: bool = False
    not_resource: bool = False
    principals: tuple[PrincipalPattern, ...] | None = None
    not_principal: bool = False
    conditions: tuple[ParsedCondition, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def allows(self) -> bool:
        """Whether its effect is Allow."""
        return self.effect == "Allow"


ParsedPolicy = tuple[ParsedStatement, ...]


def statements_of(policies: Iterable[ParsedPolicy]) -> ParsedPolicy:
    """Return all statements of `policies`."""
    return tuple(statement for policy in policies for statement in policy)
