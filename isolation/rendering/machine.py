"""The report for machines, as JSON."""

from __future__ import annotations

import json

from isolation.catalogue.findings import FINDING_TYPES, FindingType
from isolation.rendering.letters import LEGEND, LETTERS
from isolation.verdict.finding import Finding
from isolation.verdict.report import Report


def as_json(report: Report) -> str:
    """Return the report for machines: for each kind and attacker, one letter per owner."""
    kinds = _all_kinds(report)
    document = {
        "verdict": report.verdict,
        "stacks": report.stacks,
        "documents": report.documents,
        "owners": report.owners,
        "attackers": report.attackers,
        "legend": LEGEND,
        "verdicts": {kind: _rows(report, kind) for kind in kinds},
        "findings": [
            {
                "id": finding.type.id,
                "address": finding.place.address,
                "argument": finding.place.argument,
                "verdict": finding.verdict,
                "waiver": _waiver(finding),
                "attacker": finding.attacker,
                "owner": finding.owner,
                "kind": finding.kind,
                "who": finding.who,
                "steps": list(finding.steps),
                "action": finding.action,
                "resource": finding.resource,
                "context": dict(finding.context),
                "because": list(finding.because),
            }
            for finding in report.all_findings()
        ],
        "kinds_of_findings": {id_: _described(FINDING_TYPES[id_]) for id_ in sorted(FINDING_TYPES)},
        "companions": [
            {
                "owner": companion.owner,
                "kind": companion.kind,
                "satisfiable": companion.satisfiable,
                "who": companion.who,
                "action": companion.action,
                "resource": companion.resource,
            }
            for companion in report.companions
        ],
        "not_modelled": [{"owner": owner, "what": text} for owner, text in report.gaps],
        "trusted": report.trusted,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"


def _described(type_: FindingType) -> dict[str, str]:
    return {
        "severity": type_.severity,
        "title": type_.title,
        "explanation": type_.explanation,
        "mend": type_.mend,
    }


def _waiver(finding: Finding) -> dict[str, str] | None:
    """Return what accepts `finding`, and what it would be without."""
    if finding.waiver is None:
        return None
    return {
        "accepts": finding.accepted or finding.verdict,
        "reason": finding.waiver.reason,
        "owner": finding.waiver.owner,
        "until": finding.waiver.until.isoformat(),
    }


def _rows(report: Report, kind: str) -> dict[str, str]:
    """Return, by attacker, what `letter_of` says of each owner."""
    usual = ["P" if kind in report.kinds[owner] else "-" for owner in report.owners]
    columns = {owner: number for number, owner in enumerate(report.owners)}
    changes: dict[str, dict[int, str]] = {
        name: {columns[name]: "O"} if name in columns else {} for name in report.attackers
    }
    for (attacker, owner, of), finding in report.findings.items():
        if of == kind and attacker != owner:
            changes[attacker][columns[owner]] = LETTERS[finding.verdict]
    rows: dict[str, str] = {}
    for attacker, changed in changes.items():
        row = usual.copy()
        for column, letter in changed.items():
            row[column] = letter
        rows[attacker] = "".join(row)
    return rows


def _all_kinds(report: Report) -> list[str]:
    return sorted(
        {kind for kinds in report.kinds.values() for kind in kinds} | {cell[2] for cell in report.findings}
    )
