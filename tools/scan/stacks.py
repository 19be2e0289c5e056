"""The synthesized stacks, whole: a scanner looks at every argument of every block."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fleet.synthesized import UnreadableStacksError, stack_files
from tools.scan.findings import ScanError

Body = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedStack:
    """One stack.

    Attributes:
        id: of the stack.
        document: its JSON, as Terraform reads it.
    """

    id: str
    document: Mapping[str, Any]

    def all(self, kind: str) -> dict[str, Body]:
        """Return the resources of a type by name."""
        return dict(self.document.get("resource", {}).get(kind, {}))

    def resources(self) -> Iterator[tuple[str, str, Body]]:
        """Return type, name and arguments of each resource."""
        for kind, found in self.document.get("resource", {}).items():
            for name, body in found.items():
                yield kind, name, body

    def address(self, kind: str, name: str) -> str:
        """Return how findings and waivers name a resource."""
        return f"{self.id}/{kind}.{name}"

    @property
    def protected(self) -> bool:
        """Whether Terraform must keep something that it holds: the mark of customers' data, whatever the profile."""
        return any(body.get("lifecycle", {}).get("prevent_destroy") for _, _, body in self.resources())


def read_stacks(outdir: Path) -> list[ScannedStack]:
    """Return the stacks below `outdir`, in the order of their ids.

    Raises:
        ScanError: nothing was synthesized there.
    """
    try:
        return [ScannedStack(id=id_, document=_document(file)) for id_, file in stack_files(outdir).items()]
    except UnreadableStacksError as error:
        raise ScanError(str(error)) from None


def _document(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ScanError(f"{file}: received {error}, expected the JSON of a stack") from None
    if not isinstance(document, dict) or not isinstance(document.get("resource"), dict):
        raise ScanError(f"{file}: received no resources, expected the JSON of a stack")
    return document
