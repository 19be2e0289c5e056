"""What a YAML file means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import yaml

_NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE: Final = frozenset({"true", "True", "TRUE"})
_FALSE: Final = frozenset({"false", "False", "FALSE"})
_TAG: Final = "tag:yaml.org,2002:"
_DIGITS: Final = frozenset("0123456789")
_BaseLoader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
"""Gives every scalar as the text that is written."""


def meaning_objections(text: str, value: object) -> Iterator[str]:
    """Yield what `text` does not say in YAML 1.2, and `value`, which was read from it, does.

    Documents with a merge key or an alias are left out: what they mean is not written in one place.
    """
    if "<<" in text or "*" in text:
        return
    # A byte order mark is not counted in the places of what follows.
    text = text.removeprefix("\ufeff")
    root = yaml.compose(text, Loader=_BaseLoader)
    waiting: list[tuple[yaml.Node | None, object, str]] = [(root, value, "")]
    while waiting:
        node, meant, path = waiting.pop()
        if isinstance(node, yaml.MappingNode) and isinstance(meant, dict):
            keys = [key.value for key, _ in node.value]
            if len(set(keys)) != len(keys) or set(keys) != set(meant):
                yield f"{path}: has the keys {keys}, read as {sorted(meant)}"
                continue
            waiting += [(inner, meant[key.value], f"{path}.{key.value}") for key, inner in node.value]
        elif isinstance(node, yaml.SequenceNode) and isinstance(meant, list):
            if len(node.value) != len(meant):
                yield f"{path}: has {len(node.value)} items, read as {len(meant)}"
            waiting += [(inner, item, f"{path}[]") for inner, item in zip(node.value, meant, strict=False)]
        elif not isinstance(node, yaml.ScalarNode) or not _means(text, node, meant):
            yield f"{path}: {getattr(node, 'value', node)!r} is read as {meant!r}"


def _means(source: str, node: yaml.ScalarNode, meant: object) -> bool:
    """Return whether the scalar `node` means the plain value `meant` (https://yaml.org/spec/1.2.2/#103-core-schema)."""
    text = node.value
    if source.startswith("!", node.start_mark.index):
        said = _plain(text) if node.tag != f"{_TAG}str" else text
    else:
        said = text if node.style else _plain(text)
    return type(said) is type(meant) and said == meant


def _plain(text: str) -> object:
    """Return what `text` means where nothing says that it is text; of numbers, the whole ones in decimal digits."""
    if text in _NULLS:
        return None
    if text in _TRUE | _FALSE:
        return text in _TRUE
    digits = text[1:] if text[:1] in {"+", "-"} else text
    return int(text) if digits and set(digits) <= _DIGITS else text
