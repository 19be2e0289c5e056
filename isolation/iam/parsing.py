"""Parses policy documents. What is not understood becomes a *doubt* on the statement.

A statement with doubts has two readings: as wide as it may be, and as narrow as it may be. The encoding takes the wide
reading of an Allow and the narrow reading of a Deny, so a doubt can cost a proof but never make one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from isolation.catalogue.arns import MADE_UP_ID
from isolation.iam.elements import Unsupported, named_principals, parsed_conditions, strings
from isolation.iam.language import ANYONE, ParsedPolicy, ParsedStatement
from isolation.synthesized.interpolation import OPAQUE
from isolation.synthesized.strict_json import loads

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

_WITH_VARIABLES: Final = "2012-10-17"
"""The only version of the language in which `${...}` is a variable; in any other, and without one, it is text
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html)."""


def unknown_policy(source: str, doubt: str, *, resource_policy: bool) -> ParsedPolicy:
    """Return the policy for one that cannot be read: it allows everything, and is in doubt."""
    principals = (ANYONE,) if resource_policy else None
    return (ParsedStatement(source, "Allow", ("*",), ("*",), principals=principals, doubts=(doubt,)),)


def parse_policy(text: str, source: str, *, resource_policy: bool) -> ParsedPolicy:
    """Parse a policy document whose references are resolved. What is not understood becomes a doubt."""
    try:
        document = loads(text)
    except ValueError:
        return unknown_policy(
            source, f"{source}: the policy is not known before deployment", resource_policy=resource_policy
        )
    if not isinstance(document, dict) or "Statement" not in document:
        return unknown_policy(source, f"{source}: not a policy document", resource_policy=resource_policy)
    statements = document["Statement"]
    statements = statements if isinstance(statements, list) else [statements]
    if document.get("Version") != _WITH_VARIABLES:
        statements = [_without_variables(body) for body in statements]
    return tuple(
        _statement(body, f"{source}#{_sid(body, index)}", resource_policy=resource_policy)
        for index, body in enumerate(statements)
    )


def _without_variables(value: Any) -> Any:  # noqa: ANN401 (JSON)
    """Return `value` with each `${` written as the variable for a dollar sign, and a brace."""
    if isinstance(value, str):
        return value.replace("${", "${$}{")
    if isinstance(value, list):
        return [_without_variables(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _without_variables(item) for key, item in value.items()}
    return value


def _sid(body: object, index: int) -> str:
    sid = body.get("Sid") if isinstance(body, Mapping) else None
    return sid if isinstance(sid, str) and sid else str(index)


def _statement(body: Any, source: str, *, resource_policy: bool) -> ParsedStatement:  # noqa: ANN401 (JSON)
    wide = unknown_policy(source, f"{source}: not a statement", resource_policy=resource_policy)[0]
    if not isinstance(body, Mapping) or body.get("Effect") not in ("Allow", "Deny"):
        return wide
    wide = replace(wide, effect="Allow" if body["Effect"] == "Allow" else "Deny")
    try:
        _check_elements(body)
        actions, not_action = _one_of(body, "Action")
        resources, not_resource = _one_of(body, "Resource", optional=resource_policy)
        principals, not_principal = named_principals(body) if resource_policy else (None, False)
    except Unsupported as doubt:
        return replace(wide, doubts=(f"{source}: {doubt}",))
    conditions, doubts = parsed_conditions(body.get("Condition", {}))
    opaque = [text for text in (*actions, *resources) if OPAQUE in text]
    if opaque:
        doubts.append(f"reference {opaque[0]}")
        if not_action or not_resource:
            return replace(wide, doubts=(f"{source}: {doubts[-1]}",))
        resources = tuple("*" if OPAQUE in text else text for text in resources)
        actions = tuple("*" if OPAQUE in text else text for text in actions)
    made_up = [text for text in resources if MADE_UP_ID.search(text)]
    if made_up:
        doubts.append(f"the id in {made_up[0]}")
        if not_resource:
            return replace(wide, doubts=(f"{source}: {doubts[-1]}",))
        resources = tuple(
            MADE_UP_ID.sub(lambda match: f"{match[match.lastindex or 0]}*", text) for text in resources
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


def _one_of(body: Mapping[str, Any], element: str, *, optional: bool = False) -> tuple[tuple[str, ...], bool]:
    if (element in body) == (f"Not{element}" in body):
        # A trust policy has no Resource: it covers its own role.
        if optional and element not in body:
            return ("*",), False
        raise Unsupported(f"{element} and Not{element}: expected one of them")
    negated = element not in body
    return strings(body[f"Not{element}" if negated else element], element), negated
