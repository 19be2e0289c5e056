"""What plain text of a YAML file means: the core schema of YAML 1.2."""

from __future__ import annotations

import re
from typing import Final

import yaml

from config.problems import shortened

TAG: Final = "tag:yaml.org,2002:"
_CORE: Final[tuple[tuple[str, str, str], ...]] = (
    ("null", r"null|Null|NULL|~|", "nN~"),
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
    ("merge", r"<<", "<"),
)
"""What plain text may mean in YAML 1.2 (https://yaml.org/spec/1.2.2/#103-core-schema), by its first characters:
`yes`, `1:30` and `1_000` are text, and `017` is seventeen. Hexadecimal and octal numbers and infinities are
left text as well: nothing here takes them. The merge key is what registries share settings with."""
_WRITTEN: Final = {kind: re.compile(pattern) for kind, pattern, _ in _CORE}


def implicit_resolvers() -> dict[str, list[tuple[str, re.Pattern[str]]]]:
    """Return tags and their patterns by the first character of plain text, as PyYAML takes them."""
    resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}
    for kind, pattern, firsts in _CORE:
        for first in [*firsts, *([""] if kind == "null" else [])]:
            resolvers.setdefault(first, []).append((TAG + kind, re.compile(rf"^(?:{pattern})$")))
    return resolvers


def refused(reason: str, node: yaml.Node) -> yaml.MarkedYAMLError:
    """Return the error that `node` cannot be read, for `reason`."""
    return yaml.constructor.ConstructorError(None, None, reason, node.start_mark)


def scalar(node: yaml.ScalarNode) -> str | int | float | bool | None:
    """Return the plain value of `node`.

    Raises:
        yaml.MarkedYAMLError: a tag that asks for more than plain values, or for another than what is written; a
            number of more digits than Python reads.
    """
    kind, text = node.tag.removeprefix(TAG), str(node.value)
    if kind in {"str", "merge"}:
        return text
    if kind not in _WRITTEN:
        raise refused(f"the tag {shortened(node.tag)}", node)
    if not _WRITTEN[kind].fullmatch(text):
        raise refused(f"text that the tag '!!{kind}' does not fit", node)
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    try:
        return int(text) if kind == "int" else float(text)
    except ValueError as error:
        raise refused("a number that is too long", node) from error
