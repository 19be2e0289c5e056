"""One letter for each cell of the matrix, and what it means."""

from __future__ import annotations

from typing import Final

from isolation.verdict.finding import Verdict
from isolation.verdict.report import Report

LETTERS: Final[dict[Verdict, str]] = {"PROVED": "P", "VIOLATED": "V", "UNKNOWN": "U", "ACCEPTED": "A"}

LEGEND: Final = {
    "P": "PROVED: no request of the attacker on this owner's resources of any kind is authorized",
    "V": "VIOLATED: there is such a request, listed under `findings`",
    "U": "UNKNOWN: it rests on something that is not modelled",
    "A": "ACCEPTED: it is VIOLATED or UNKNOWN, which a waiver accepts",
    "-": "the owner has no resource of this kind",
    "O": "the attacker is the owner",
}


def letter_of(report: Report, attacker: str, owner: str, kind: str) -> str:
    """Return the letter of one cell."""
    if attacker == owner:
        return "O"
    finding = report.findings.get((attacker, owner, kind))
    if finding is not None:
        return LETTERS[finding.verdict]
    return "P" if kind in report.kinds[owner] else "-"
