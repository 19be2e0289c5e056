"""Terraform's templates: finds the expressions in a text, and the references among them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

OPAQUE: Final = "⟪"
"""The first character of what stands in for an expression that cannot be resolved."""

REFERENCE: Final = re.compile(
    r"(data\.)?([a-z0-9_]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_]+(?:\[\d+\]\.[a-z_]+)?)"
)
"""A plain reference to an attribute of a resource or data source. Any other expression is opaque."""


def interpolated(text: str, resolve: Callable[[str], str]) -> str:
    """Return `text` with every expression replaced by what `resolve` says, and with `$${` read as `${`."""
    if "${" not in text and "%{" not in text:
        return text
    parts: list[str] = []
    position = 0
    while position < len(text):
        start = text.find("{", position)
        if start < 1 or text[start - 1] not in "$%":
            end = len(text) if start < 0 else start + 1
            parts.append(text[position:end])
            position = end
            continue
        sigil = text[start - 1]
        if start > 1 and text[start - 2] == sigil and start - 2 >= position:
            parts.append(text[position : start - 2] + sigil + "{")
            position = start + 1
            continue
        end = _closing(text, start)
        parts.append(text[position : start - 1] + resolve(text[start + 1 : end].strip()))
        position = end + 1
    return "".join(parts)


def referenced(value: object) -> tuple[str, str] | None:
    """Return type and name of the resource that a lone reference such as `${aws_iam_role.x.name}` refers to."""
    match = _LONE.fullmatch(value) if isinstance(value, str) else None
    return (match[2], match[3]) if match and not match[1] else None


def references(text: str) -> list[tuple[str, str]]:
    """Return type and name of each resource that an expression in `text` refers to, inside of functions too."""
    found: list[tuple[str, str]] = []

    def collect(expression: str) -> str:
        found.extend((match[2], match[3]) for match in REFERENCE.finditer(expression) if not match[1])
        return ""

    interpolated(text, collect)
    return found


def opaque(stack: str, expression: str) -> str:
    """Return the text for an expression that cannot be resolved."""
    return f"{OPAQUE}{stack}: {expression}⟫"


_LONE: Final = re.compile(r"\$\{" + REFERENCE.pattern + r"\}")


def _closing(text: str, start: int) -> int:
    end = text.find("}", start)
    if end >= 0 and text.find("{", start + 1, end) < 0:
        return end
    depth = 0
    for position in range(start, len(text)):
        depth += (text[position] == "{") - (text[position] == "}")
        if depth == 0:
            return position
    return len(text)
