"""IAM policy variables (`${aws:PrincipalTag/TenantId}`) are replaced in resources and conditions.

MiniStack compares them as plain text, so that a statement with one matches nothing.

AWS: IAM user guide, "IAM policy elements: Variables and tags": variables are allowed in the Resource element and in
string comparisons of the Condition element; "If the variable isn't present in the request context of the
caller, the policy statement doesn't match" unless a default value (`${key, 'default'}`) is given; `${*}`,
`${?}` and `${$}` are the characters themselves.
"""

import dataclasses
import re
from collections.abc import Callable
from typing import Any

from emulator.shims._patching import part, service, wrap

VARIABLE = re.compile(r"\$\{([^}]+)\}")
DEFAULT = re.compile(r"^\s*([^,\s]+)\s*,\s*'(.*)'\s*$")
# A statement that holds an unknown variable matches nothing; no request carries this text.
NOTHING = "\0"


def apply() -> None:
    """Replace the variables of each statement before it is compared."""
    evaluator = service("core.iam_evaluator")
    resolve = part(evaluator, "_resolve_condition_key")

    def first_match(original: Any, context: Any, statements: list[Any], effect: str) -> Any:  # noqa: ANN401
        def look_up(key: str) -> str | None:
            value = resolve(key, context)
            return None if value is None or isinstance(value, list) else str(value)

        for statement in statements:
            if statement.effect != effect:
                continue
            if original(context, [_replaced(statement, look_up)], effect):
                return statement
        return None

    wrap(evaluator, "_first_match", first_match)


def _replaced(statement: Any, look_up: Callable[[str], str | None]) -> Any:  # noqa: ANN401
    texts = [*statement.resources, *statement.not_resources, str(statement.conditions)]
    if not any("${" in text for text in texts):
        return statement
    conditions = {
        operator: {key: _each(values, look_up) for key, values in block.items()}
        for operator, block in statement.conditions.items()
        if isinstance(block, dict)
    }
    return dataclasses.replace(
        statement,
        resources=[substitute(text, look_up) for text in statement.resources],
        not_resources=[substitute(text, look_up) for text in statement.not_resources],
        conditions=conditions,
    )


def _each(values: Any, look_up: Callable[[str], str | None]) -> Any:  # noqa: ANN401
    if isinstance(values, str):
        return substitute(values, look_up)
    return [substitute(str(value), look_up) for value in values] if isinstance(values, list) else values


def substitute(text: str, look_up: Callable[[str], str | None]) -> str:
    """The text with its variables replaced; a text that matches nothing when one is unknown."""
    unknown = False

    def value_of(found: re.Match[str]) -> str:
        nonlocal unknown
        name, default = found[1], None
        if name in {"*", "?", "$"}:
            # MiniStack's patterns know no escape: `[*]` is what comes nearest for `$`, the rest cannot match.
            unknown = unknown or name != "$"
            return name
        if with_default := DEFAULT.match(name):
            name, default = with_default[1], with_default[2]
        value = look_up(name)
        value = default if value is None else value
        # A wildcard that comes from a tag is a character, no wildcard: better refused than widened.
        unknown = unknown or value is None or "*" in value or "?" in value
        return value or ""

    replaced = VARIABLE.sub(value_of, text)
    return NOTHING if unknown else replaced
