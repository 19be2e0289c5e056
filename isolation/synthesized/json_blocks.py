"""Lists and blocks as Terraform's JSON writes them: one, several or none."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def as_list(value: Any) -> list[Any]:  # noqa: ANN401 (JSON)
    """Return `value` as a list; empty for `None`."""
    return value if isinstance(value, list) else [] if value is None else [value]


def as_blocks(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 (JSON)
    """Return the blocks of an argument that may hold one, several or none."""
    return [block for block in as_list(value) if isinstance(block, dict)]


def only_block(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 (JSON)
    """Return the block of an argument that holds at most one; empty if there is none."""
    if isinstance(value, list):
        value = value[0] if value else {}
    return value if isinstance(value, dict) else {}
