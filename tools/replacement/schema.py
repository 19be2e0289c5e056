"""What the provider's schema says of a resource type's arguments, and the form that a state gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tools.replacement.probes import Body


def state_of(body: Body, block: Mapping[str, Any]) -> Body:
    """Return the arguments `body` as a state has them: every block is a list there."""
    attributes, blocks = block.get("attributes", {}), block.get("block_types", {})
    found: Body = dict.fromkeys(attributes)
    for key, value in body.items():
        if key in blocks:
            items = value if isinstance(value, list) else [value]
            found[key] = [state_of(item, blocks[key]["block"]) for item in items]
            if blocks[key]["nesting_mode"] == "single":
                (found[key],) = found[key]
        else:
            found[key] = value
    return found


def sets_of(block: Mapping[str, Any], path: str) -> Iterator[str]:
    """Yield the paths of what has no order in a resource type."""
    for name, attribute in block.get("attributes", {}).items():
        if isinstance(attribute.get("type"), list) and attribute["type"][0] == "set":
            yield f"{path}.{name}"
    for name, nested in block.get("block_types", {}).items():
        if nested["nesting_mode"] == "set":
            yield f"{path}.{name}"
        yield from sets_of(nested["block"], f"{path}.{name}")


def attribute(block: Mapping[str, Any], path: Sequence[str]) -> str:
    """Return the part of `path` that names an attribute: what is in a map or in a document is part of its value."""
    first, *rest = path
    if first in block.get("block_types", {}) and rest:
        return f"{first}.{attribute(block['block_types'][first]['block'], rest)}"
    return first
