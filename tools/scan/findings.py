"""What a scanner found, and how a scan ends that cannot be trusted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from config.problems import Refusal


class ScanError(Refusal):
    """A scanner is missing, failed, or looked at less than it should; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Finding:
    """One weakness at one place.

    Attributes:
        check: id, checkov's own (`CKV_AWS_18`) or one of `tools/scan/checks.py`.
        address: `stack/type.name` of the resource.
        message: what is wrong, in one sentence.
    """

    check: str
    address: str
    message: str

    def __str__(self) -> str:
        """Return it as the one line that a person reads."""
        return f"{self.check} {self.address}: {self.message}"


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return each finding once, by check and address."""
    return sorted(set(findings))
