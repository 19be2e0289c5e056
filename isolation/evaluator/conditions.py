"""Whether a condition holds in a concrete request."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import ip_address, ip_network

from isolation.evaluator.matching import arn_like, glob
from isolation.evaluator.request import Context
from isolation.iam.language import ParsedCondition


def filled(patterns: Iterable[str], context: Context) -> list[str]:
    """Return `patterns` with policy variables filled in; one whose variable is missing matches nothing."""
    filled = []
    for pattern in patterns:
        missing = False

        def value(match: re.Match[str]) -> str:
            if match[1] == "$":
                return "$"
            name, _, default = match[1].partition(",")
            found = context.get(name.strip().lower(), ())
            if not found and not default:
                nonlocal missing
                missing = True
            return found[0] if found else default.strip(" '")

        text = re.sub(r"\$\{([^}]*)\}", value, pattern)
        if not missing:
            filled.append(text)
    return filled


def holds(condition: ParsedCondition, context: Context) -> bool:
    """Whether `condition` holds for the keys in `context`."""
    given = context.get(condition.key, ())
    wanted = filled(condition.values, context)
    if condition.operator == "Null":
        return ("true" if not given else "false") in wanted
    if condition.quantifier == "ForAllValues":
        return all(_test(condition.operator, value, wanted) for value in given)
    if condition.quantifier == "ForAnyValue":
        return any(_test(condition.operator, value, wanted) for value in given)
    if not given:
        return condition.if_exists or "Not" in condition.operator
    return _test(condition.operator, given[0], wanted)


def _test(operator: str, value: str, wanted: list[str]) -> bool:  # noqa: C901, PLR0911 (a table)
    match operator:
        case "StringEquals":
            return value in wanted
        case "StringNotEquals":
            return value not in wanted
        case "StringEqualsIgnoreCase" | "Bool":
            return value.lower() in {text.lower() for text in wanted}
        case "StringNotEqualsIgnoreCase":
            return value.lower() not in {text.lower() for text in wanted}
        case "StringLike":
            return any(glob(text, value) for text in wanted)
        case "StringNotLike":
            return not any(glob(text, value) for text in wanted)
        case "ArnEquals" | "ArnLike":
            return any(arn_like(text, value) for text in wanted)
        case "ArnNotEquals" | "ArnNotLike":
            return not any(arn_like(text, value) for text in wanted)
        case "IpAddress":
            return any(ip_address(value) in ip_network(text, strict=False) for text in wanted)
        case "NotIpAddress":
            return not any(ip_address(value) in ip_network(text, strict=False) for text in wanted)
    raise ValueError(operator)
