"""Reads JSON strictly: what Terraform, AWS and Python may read differently is refused, not guessed.

Python's own reader takes the last of two equal keys, `NaN`, numbers of any length and half of a character.
"""

from __future__ import annotations

import json
from typing import Any, Final

MOST_DIGITS: Final = 40
"""More digits than any number of Terraform's or of a policy has."""

DEEPEST: Final = 64
"""More levels than any document or policy has."""


class NotStrictJsonError(ValueError):
    """A text is no JSON, or JSON that readers may understand differently; the message says what was received."""


def loads(text: str) -> Any:  # noqa: ANN401 (JSON)
    """Return the value that the JSON `text` writes.

    Raises:
        NotStrictJsonError: it is no JSON, has a key twice, `NaN`, a number that is too long, half of a character or
            more than `DEEPEST` levels.
    """
    if text.startswith("\ufeff"):
        raise NotStrictJsonError("a byte order mark")
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_decimal,
        )
    except NotStrictJsonError:
        raise
    except ValueError as error:
        raise NotStrictJsonError(" ".join(str(error).split())) from error
    except RecursionError as error:
        raise NotStrictJsonError(f"more than {DEEPEST} levels") from error
    check_value(value)
    return value


def check_value(value: object, forbidden: str = "") -> None:
    """Check the levels of a JSON value, and that all of its texts can be written and have no `forbidden` character.

    Raises:
        NotStrictJsonError: there are more than `DEEPEST` levels, half of a character, a forbidden one, or what JSON
            does not have.
    """
    level, depth = [value], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            raise NotStrictJsonError(f"more than {DEEPEST} levels")
        below: list[object] = []
        texts: list[str] = []
        for item in level:
            if isinstance(item, str):
                texts.append(item)
            elif isinstance(item, dict):
                texts += (_key(key) for key in item)
                below += item.values()
            elif isinstance(item, list):
                below += item
            elif isinstance(item, float) and item - item != 0:
                raise NotStrictJsonError(f"the number {item}")
            elif not (item is None or isinstance(item, bool | int | float)):
                raise NotStrictJsonError(f"a Python value of type {type(item).__name__}")
        _check_characters("".join(texts), forbidden)
        level = below


def _check_characters(text: str, forbidden: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotStrictJsonError("half of a character (a lone surrogate)") from error
    found = next((char for char in forbidden if char in text), None)
    if found is not None:
        raise NotStrictJsonError(f"the character {found}")


def _key(key: object) -> str:
    if not isinstance(key, str):
        raise NotStrictJsonError(f"a key of type {type(key).__name__}")
    return key


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise NotStrictJsonError(f"the key {twice[:60]!r} twice in one object")
    return found


def _constant(name: str) -> object:
    raise NotStrictJsonError(f"the number {name}")


def _integer(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise NotStrictJsonError(f"a number of {len(text)} digits")
    return int(text)


def _decimal(text: str) -> float:
    number = float(text)
    if len(text) > MOST_DIGITS or number - number != 0:
        raise NotStrictJsonError(f"the number {text[:MOST_DIGITS]}")
    return number
