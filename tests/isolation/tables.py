"""Every table of the catalogue as a flat list of texts, one for each entry that can be taken away."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import isolation.catalogue

PACKAGE = Path(isolation.catalogue.__file__).parent
ELSEWHERE = {"arguments", "data_kinds", "findings"}
"""What the provider's schema and the page of findings are compared with, and what `kinds.KINDS` has all of."""


def modules() -> list[str]:
    found = (file.stem for file in PACKAGE.glob("*.py") if file.stem not in ELSEWHERE | {"__init__", "kind"})
    return sorted(f"isolation.catalogue.{name}" for name in [*found, "arguments.values"])


def entries() -> list[str]:
    """`module.TABLE: entry`, sorted: what a reviewer has accepted is compared with it."""
    return sorted(
        f"{module.rpartition('.')[2]}.{name}: {entry}"
        for module in modules()
        for name, table in vars(import_module(module)).items()
        if name.lstrip("_").isupper() and not name.startswith("_")
        for entry in flat(table)
    )


def flat(value: Any, path: str = "") -> Iterator[str]:
    """The leaves of a table, each with the way to it; of what has an order, the order too."""
    if is_dataclass(value) and not isinstance(value, type):
        value = {field.name: getattr(value, field.name) for field in fields(value)}
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from flat(inner, f"{path}[{key}]")
    elif isinstance(value, set | frozenset | list | tuple):
        for inner in value:
            yield from flat(inner, path)
    else:
        text = value.pattern if isinstance(value, re.Pattern) else str(value)
        yield " ".join(f"{path} {text}".split())
