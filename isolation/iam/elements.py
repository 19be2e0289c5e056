"""Parses the elements of a statement that name somebody or require something: Principal and Condition."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from isolation.iam.language import ANYONE, OPERATORS, ParsedCondition, PrincipalPattern, Quantifier
from isolation.synthesized.interpolation import OPAQUE


class Unsupported(Exception):  # noqa: N818 (a verdict, not a fault)
    """Something is not modelled; a verdict that depends on it is UNKNOWN."""


def strings(value: object, what: str) -> tuple[str, ...]:
    """Return the texts of an element that holds one or more.

    Raises:
        Unsupported: it holds none, or something that is not a text.
    """
    values = value if isinstance(value, list) else [value]
    if not values or not all(isinstance(item, str) for item in values):
        raise Unsupported(f"{what} {json.dumps(value)}")
    return tuple(values)


def named_principals(body: Mapping[str, Any]) -> tuple[tuple[PrincipalPattern, ...], bool]:
    """Return the principals that a statement names, and whether it covers everybody except these.

    Raises:
        Unsupported: it names none, or somebody who is not modelled.
    """
    negated = "NotPrincipal" in body
    value = body.get("NotPrincipal" if negated else "Principal")
    if value is None or (negated and "Principal" in body):
        raise Unsupported("Principal and NotPrincipal: expected one of them")
    if value == "*":
        return (ANYONE,), negated
    if not isinstance(value, Mapping):
        raise Unsupported(f"Principal {json.dumps(value)}")
    return tuple(
        parse_principal(kind, name) for kind, names in value.items() for name in strings(names, "Principal")
    ), negated


def parse_principal(kind: str, name: str) -> PrincipalPattern:
    """Parse one principal (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html).

    Raises:
        Unsupported: a federated or canonical user, a wildcard inside an ARN, a unique id, or an unresolved reference.
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


def parsed_conditions(block: object) -> tuple[tuple[ParsedCondition, ...], list[str]]:
    """Return the conditions that are modelled, and what is not. Leaving a condition out widens the statement."""
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
    texts = strings(
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
