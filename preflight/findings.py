"""What a check found, and how it is told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """What a finding means for the deployment."""

    STOPS = "stops"
    """The deployment fails, or deploys what does not work."""
    UNKNOWN = "unknown"
    """The account could not be asked."""
    WARNS = "warns"
    """The deployment works; a person should know all the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One line for a person.

    Attributes:
        severity: what it means.
        what: was found, in one sentence.
        remedy: what to do about it.
    """

    severity: Severity
    what: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What one check says.

    Attributes:
        check: its name.
        seen: what it looked at, when nothing is wrong.
        findings: what is wrong.
    """

    check: str
    seen: str
    findings: Sequence[Finding]

    def lines(self) -> list[str]:
        """Return the outcome as lines of text, the worst finding first."""
        if not self.findings:
            return [f"ok       {self.check}: {self.seen}"]
        order = list(Severity)
        ranked = sorted(self.findings, key=lambda finding: order.index(finding.severity))
        return [f"{finding.severity:<8} {self.check}: {finding.what} {finding.remedy}" for finding in ranked]


def stops(what: str, remedy: str) -> Finding:
    """Return a finding that stops the deployment."""
    return Finding(severity=Severity.STOPS, what=what, remedy=remedy)


def warns(what: str, remedy: str) -> Finding:
    """Return a finding that stops nothing."""
    return Finding(severity=Severity.WARNS, what=what, remedy=remedy)


def unknown(what: str, remedy: str) -> Finding:
    """Return a finding about what could not be asked."""
    return Finding(severity=Severity.UNKNOWN, what=what, remedy=remedy)
