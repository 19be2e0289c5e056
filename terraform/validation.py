"""What `terraform validate` finds."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """An error or a warning of `terraform validate`."""

    severity: str
    summary: str
    detail: str = ""
    address: str = ""

    def __str__(self) -> str:
        """One line."""
        where = f"{self.address}: " if self.address else ""
        return f"{self.severity}: {where}{self.summary}" + (f": {self.detail}" if self.detail else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What `terraform validate` found; both are empty when the root is clean."""

    errors: tuple[Diagnostic, ...]
    warnings: tuple[Diagnostic, ...]


def validation_of(document: Mapping[str, Any]) -> Validation:
    """Read the JSON that `terraform validate -json` prints."""
    found = [_diagnostic(item) for item in document["diagnostics"]]
    return Validation(
        errors=tuple(item for item in found if item.severity == "error"),
        warnings=tuple(item for item in found if item.severity != "error"),
    )


def _diagnostic(item: Mapping[str, Any]) -> Diagnostic:
    return Diagnostic(
        severity=item["severity"],
        summary=item["summary"],
        detail=item.get("detail", ""),
        address=item.get("address", ""),
    )
