"""IAM's policy language as data, and its parser. Shared by the encoding and the evaluator, which share nothing else.

What the parser does not understand becomes a *doubt* on the statement. A statement with doubts is read in two ways:
as wide as it may be, and as narrow as it may be. The encoding takes the wide reading of an Allow and the narrow reading
of a Deny, so a doubt can cost a proof but never make one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

from isolation.terraform import OPAQUE

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
Numeric, date and binary operators are not modelled: they raise `Unsupported`."""

VARIABLE: Final = re.compile(r"\$\{([^}]*)\}")
"""A policy variable (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html)."""

_MADE_UP: Final = re.compile(
    r"(:key/)(?:mrk-)?[0-9a-f]+-?[0-9a-f-]*$|(:userpool/)[\w-]+$|(/apis/)[a-z0-9]+|(:execute-api:[^:]*:[^:]*:)[a-z0-9]{10}"
    r"|(:(?:subnet|vpc|security-group|route-table|vpc-endpoint|network-interface|internet-gateway)/)[a-z]+-[0-9a-f]+$"
)
"""Ids that AWS makes up. Written out in a policy, one may be that of any resource: which is known to AWS alone."""

_ELEMENTS: Final = frozenset(
    {
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
    }
)


class Unsupported(Exception):  # noqa: N818 (a verdict, not a fault)
    """Something that the model does not cover; the verdict that meets it is UNKNOWN."""


@dataclass(frozen=True, slots=True)
class ParsedCondition:
    """One operator on one key. All conditions of a statement must hold; any of the values satisfies one.

    Attributes:
        operator: one of `OPERATORS`.
        quantifier: how a key of several values is read.
        if_exists: a missing key satisfies it.
        key: lower-case, as keys are not case-sensitive.
        values: patterns.
    """

    operator: str
    quantifier: Quantifier
    if_exists: bool
    key: str
    values: tuple[str, ...]

    @property
    def negated(self) -> bool:
        """Whether a missing key satisfies it: `StringNotEquals` and its like."""
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
        source: where it stands, for people: `stack/type.name#Sid`.
        effect: Allow or Deny.
        actions: lower-case patterns.
        not_action: it speaks of all actions but these.
        resources: patterns of ARNs.
        not_resource: it speaks of all resources but these.
        principals: whom it speaks of; `None` in identity policies.
        not_principal: it speaks of all principals but these.
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


def unknown_policy(source: str, doubt: str, *, resource_policy: bool) -> ParsedPolicy:
    """Return the policy of which nothing is known: as wide as can be, and in doubt."""
    principals = (ANYONE,) if resource_policy else None
    return (ParsedStatement(source, "Allow", ("*",), ("*",), principals=principals, doubts=(doubt,)),)


def parse_policy(text: str, source: str, *, resource_policy: bool) -> ParsedPolicy:
    """Parse a policy document whose references are resolved. What is not understood becomes a doubt."""
    try:
        document = json.loads(text)
    except ValueError:
        return unknown_policy(
            source, f"{source}: the policy is not known before deployment", resource_policy=resource_policy
        )
    if not isinstance(document, dict) or "Statement" not in document:
        return unknown_policy(source, f"{source}: not a policy document", resource_policy=resource_policy)
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    return tuple(
        _statement(body, f"{source}#{_sid(body, index)}", resource_policy=resource_policy)
        for index, body in enumerate(statements)
    )


def _sid(body: object, index: int) -> str:
    sid = body.get("Sid") if isinstance(body, Mapping) else None
    return sid if isinstance(sid, str) and sid else str(index)


def _statement(body: Any, source: str, *, resource_policy: bool) -> ParsedStatement:  # noqa: ANN401 (JSON)
    wide = unknown_policy(source, f"{source}: not a statement", resource_policy=resource_policy)[0]
    if not isinstance(body, Mapping) or body.get("Effect") not in {"Allow", "Deny"}:
        return wide
    wide = replace(wide, effect="Allow" if body["Effect"] == "Allow" else "Deny")
    try:
        _check_elements(body)
        actions, not_action = _one_of(body, "Action")
        resources, not_resource = _one_of(body, "Resource", optional=resource_policy)
        principals, not_principal = _principals(body) if resource_policy else (None, False)
    except Unsupported as doubt:
        return replace(wide, doubts=(f"{source}: {doubt}",))
    conditions, doubts = _conditions(body.get("Condition", {}))
    opaque = [text for text in (*actions, *resources) if OPAQUE in text]
    if opaque:
        doubts.append(f"reference {opaque[0]}")
        if not_action or not_resource:
            return replace(wide, doubts=(f"{source}: {doubts[-1]}",))
        resources = tuple("*" if OPAQUE in text else text for text in resources)
        actions = tuple("*" if OPAQUE in text else text for text in actions)
    made_up = [text for text in resources if _MADE_UP.search(text)]
    if made_up:
        doubts.append(f"the id in {made_up[0]}")
        if not_resource:
            return replace(wide, doubts=(f"{source}: {doubts[-1]}",))
        resources = tuple(
            _MADE_UP.sub(lambda match: f"{match[match.lastindex or 0]}*", text) for text in resources
        )
    return ParsedStatement(
        source=source,
        effect=wide.effect,
        actions=tuple(action.lower() for action in actions),
        resources=resources,
        not_action=not_action,
        not_resource=not_resource,
        principals=principals,
        not_principal=not_principal,
        conditions=conditions,
        doubts=tuple(f"{source}: {doubt}" for doubt in doubts),
    )


def _check_elements(body: Mapping[str, Any]) -> None:
    unknown = sorted(set(body) - _ELEMENTS)
    if unknown:
        raise Unsupported(f"element {unknown[0]}")


def _strings(value: object, what: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(item, str) for item in values):
        raise Unsupported(f"{what} {json.dumps(value)}")
    return tuple(values)


def _one_of(body: Mapping[str, Any], element: str, *, optional: bool = False) -> tuple[tuple[str, ...], bool]:
    if (element in body) == (f"Not{element}" in body):
        # A trust policy has no Resource: it speaks of its own role.
        if optional and element not in body:
            return ("*",), False
        raise Unsupported(f"{element} and Not{element}: expected one of them")
    negated = element not in body
    return _strings(body[f"Not{element}" if negated else element], element), negated


def _principals(body: Mapping[str, Any]) -> tuple[tuple[PrincipalPattern, ...], bool]:
    negated = "NotPrincipal" in body
    value = body.get("NotPrincipal" if negated else "Principal")
    if value is None or (negated and "Principal" in body):
        raise Unsupported("Principal and NotPrincipal: expected one of them")
    if value == "*":
        return (ANYONE,), negated
    if not isinstance(value, Mapping):
        raise Unsupported(f"Principal {json.dumps(value)}")
    return tuple(
        parse_principal(kind, name) for kind, names in value.items() for name in _strings(names, "Principal")
    ), negated


def parse_principal(kind: str, name: str) -> PrincipalPattern:
    """Parse one principal (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).

    Raises:
        Unsupported: a federated or canonical user, a wildcard inside an ARN, a unique id, or a reference not resolved.
    """
    if OPAQUE in name:
        raise Unsupported(f"Principal {name}")
    if kind == "Service":
        return PrincipalPattern("service", name)
    if kind != "AWS":
        raise Unsupported(f"Principal of kind {kind}")
    if name == "*":
        return ANYONE
    root = re.fullmatch(r"(?:arn:[^:]*:iam::)?(\d{12})(?::root)?", name)
    if root:
        return PrincipalPattern("account", root[1])
    if re.fullmatch(r"arn:[^:*]*:(iam|sts)::\d{12}:[^*?]+", name):
        return PrincipalPattern("arn", name)
    raise Unsupported(f"Principal {name}")


def _conditions(block: object) -> tuple[tuple[ParsedCondition, ...], list[str]]:
    """Return the conditions that are modelled, and what is not: leaving a condition out widens the statement."""
    if not isinstance(block, Mapping):
        return (), ["Condition is no object"]
    conditions: list[ParsedCondition] = []
    doubts: list[str] = []
    for operator, keys in block.items():
        if not isinstance(keys, Mapping):
            doubts.append(f"Condition {operator}")
            continue
        for key, values in keys.items():
            try:
                conditions.append(parse_condition(operator, key, values))
            except Unsupported as doubt:
                doubts.append(str(doubt))
    return tuple(conditions), doubts


def parse_condition(operator: str, key: str, values: object) -> ParsedCondition:
    """Parse one condition.

    Raises:
        Unsupported: an operator, value or combination that is not modelled.
    """
    quantifier, _, rest = operator.rpartition(":")
    if_exists = rest.endswith("IfExists")
    base = rest.removesuffix("IfExists")
    if quantifier not in {"", "ForAnyValue", "ForAllValues"} or base not in OPERATORS:
        raise Unsupported(f"operator {operator}")
    if (quantifier or base == "Null") and (
        if_exists or (quantifier and base in {"Null", "Bool", "IpAddress", "NotIpAddress"})
    ):
        raise Unsupported(f"operator {operator}")
    items = values if isinstance(values, list) else [values]
    texts = _strings(
        [str(item).lower() if isinstance(item, bool) else item for item in items], f"values of {key}"
    )
    if any(OPAQUE in text for text in texts):
        raise Unsupported(f"values of {key}: {next(text for text in texts if OPAQUE in text)}")
    if base in {"Bool", "Null"}:
        texts = tuple(text.lower() for text in texts)
        if not set(texts) <= {"true", "false"}:
            raise Unsupported(f"values of {key}: {', '.join(texts)}")
    if base in {"IpAddress", "NotIpAddress"} and not all(
        re.fullmatch(r"[\d.]+(/\d+)?", text) for text in texts
    ):
        raise Unsupported(f"values of {key}: {', '.join(texts)}")
    kind: Quantifier = "ForAnyValue" if quantifier == "ForAnyValue" else "ForAllValues" if quantifier else ""
    return ParsedCondition(base, kind, if_exists, key.lower(), texts)


def statements_of(policies: Iterable[ParsedPolicy]) -> ParsedPolicy:
    """Return all statements of `policies`."""
    return tuple(statement for policy in policies for statement in policy)
