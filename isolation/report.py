"""The result for people, for machines and as a picture: the same bytes for the same stacks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape

from isolation.analysis import Finding, Report, Verdict

_CODES: Final[dict[Verdict, str]] = {"PROVED": "P", "VIOLATED": "V", "UNKNOWN": "U"}
_COLOURS: Final = {"P": "#2e7d32", "V": "#c62828", "U": "#f9a825", "O": "#cfd8dc"}
_LEGEND: Final = {
    "P": "PROVED: no request of the attacker on this owner's resources of any kind is authorized",
    "V": "VIOLATED: there is such a request, and it stands under `findings`",
    "U": "UNKNOWN: it rests on something that is not modelled",
    "-": "the owner has no resource of this kind",
    "O": "the attacker is the owner",
}
_Worst = dict[tuple[str, str], Verdict]
SHOWN: Final = 40
"""Counterexamples printed in full."""


def code(report: Report, attacker: str, owner: str, kind: str) -> str:
    """Return the letter of one cell."""
    if attacker == owner:
        return "O"
    finding = report.findings.get((attacker, owner, kind))
    if finding is not None:
        return _CODES[finding.verdict]
    return "P" if kind in report.kinds[owner] else "-"


def _all_kinds(report: Report) -> list[str]:
    return sorted(
        {kind for kinds in report.kinds.values() for kind in kinds} | {cell[2] for cell in report.findings}
    )


def as_text(report: Report) -> str:
    """Return the report for the terminal."""
    count = len(report.attackers) * len(report.owners) - len(set(report.attackers) & set(report.owners))
    lines = [
        f"{report.verdict}: {len(report.stacks)} stacks, {len(report.tenants)} tenants, {count} ordered pairs",
        "",
    ]
    findings = sorted(
        report.findings.values(), key=lambda found: (found.verdict != "VIOLATED", found.attacker, found.owner)
    )
    for finding in findings[:SHOWN]:
        lines += [*_story(finding), ""]
    if len(findings) > SHOWN:
        lines += [f"... and {len(findings) - SHOWN} more; the JSON report holds them all", ""]
    lines += [f"UNKNOWN {owner}: {text} is not modelled" for owner, text in report.gaps]
    held = [companion for companion in report.companions if companion.satisfiable]
    lines.append(
        f"The owner can: {len(held)} of {len(report.companions)} kinds of resources, so the proofs are not vacuous"
    )
    lines += [
        f"UNKNOWN {companion.owner} {companion.kind}: nobody entitled can use it either; the proof is vacuous"
        for companion in report.companions
        if not companion.satisfiable
    ]
    lines += ["", "Trusted:", *(f"  - {who}" for who in report.trusted)]
    lines += ["", f"{report.asked} questions, {report.solved} of them different"]
    return "\n".join(lines) + "\n"


def _story(finding: Finding) -> Iterator[str]:
    yield f"{finding.verdict}: {finding.attacker} -> {finding.owner}, {finding.kind}"
    yield f"  who        {finding.who}"
    for number, step in enumerate(finding.steps):
        yield f"  {'first' if number == 0 else 'then':10} {step}"
    if finding.action:
        yield f"  does       {finding.action}"
    if finding.resource:
        yield f"  on         {finding.resource}"
    for key, value in finding.context:
        yield f"  with       {key} = {value}"
    for reason in finding.because:
        yield f"  {'through' if finding.verdict == 'VIOLATED' else 'for':10} {reason}"


def as_json(report: Report) -> str:
    """Return the report for machines: for each kind and attacker one letter for each owner."""
    kinds = _all_kinds(report)
    document = {
        "verdict": report.verdict,
        "stacks": report.stacks,
        "owners": report.owners,
        "attackers": report.attackers,
        "legend": _LEGEND,
        "verdicts": {kind: _rows(report, kind) for kind in kinds},
        "findings": [
            {
                "verdict": finding.verdict,
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
            for _, finding in sorted(report.findings.items())
        ],
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


def _rows(report: Report, kind: str) -> dict[str, str]:
    """Return, by attacker, what `code` says of each owner."""
    usual = ["P" if kind in report.kinds[owner] else "-" for owner in report.owners]
    columns = {owner: number for number, owner in enumerate(report.owners)}
    changes: dict[str, dict[int, str]] = {
        name: {columns[name]: "O"} if name in columns else {} for name in report.attackers
    }
    for (attacker, owner, of), finding in report.findings.items():
        if of == kind and attacker != owner:
            changes[attacker][columns[owner]] = _CODES[finding.verdict]
    rows: dict[str, str] = {}
    for attacker, changed in changes.items():
        row = usual.copy()
        for column, letter in changed.items():
            row[column] = letter
        rows[attacker] = "".join(row)
    return rows


def as_svg(report: Report) -> str:
    """Return the isolation matrix: attackers down, owners across, the worst of all kinds in a cell."""
    size = 26 if len(report.attackers) <= 60 else 4  # noqa: PLR2004 (where names no longer fit)
    left = 12 + (9 * max(map(len, report.attackers)) if size > 4 else 0)  # noqa: PLR2004 (as above)
    top = 46 + (7 * max(map(len, report.owners)) if size > 4 else 0)  # noqa: PLR2004 (as above)
    width, height = left + size * len(report.owners) + 90, top + size * len(report.attackers) + 40
    opening = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
    parts = [
        f'{opening} font-family="sans-serif" font-size="13" role="img">',
        f"<title>Isolation matrix: {report.verdict}</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        f'<text x="8" y="22" font-size="15">{report.verdict}: may the row reach the column?</text>',
    ]
    if size > 4:  # noqa: PLR2004 (as above)
        parts += [
            f'<text x="{left - 8}" y="{top + size * row + 18}" text-anchor="end">{escape(attacker)}</text>'
            for row, attacker in enumerate(report.attackers)
        ]
        parts += [
            f'<text transform="translate({left + size * column + 16},{top - 8}) rotate(-60)">{escape(owner)}</text>'
            for column, owner in enumerate(report.owners)
        ]
    worst = report.worst
    for row, attacker in enumerate(report.attackers):
        parts += _row(report.owners, attacker, worst, (left, top + size * row), size)
    legend = (("P", "proved"), ("V", "violated"), ("U", "unknown"), ("O", "own"))
    for number, (letter, name) in enumerate(legend):
        x, y = 12 + 95 * number, height - 24
        parts.append(f'<rect x="{x}" y="{y}" width="14" height="14" fill="{_COLOURS[letter]}"/>')
        parts.append(f'<text x="{x + 20}" y="{y + 12}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _row(
    owners: list[str], attacker: str, worst: _Worst, corner: tuple[int, int], size: int
) -> Iterator[str]:
    """Return the cells of one attacker, neighbours of one colour as one where names do not fit."""
    left, y = corner
    letters = [_worst(worst, attacker, owner) for owner in owners]
    gap = 2 if size > 4 else 0  # noqa: PLR2004 (as above)
    column = 0
    for letter, run in groupby(letters):
        length = len(list(run))
        for number in range(length if gap else 1):
            x, width = left + size * (column + number), size * (1 if gap else length) - gap
            tip = f"{attacker} to {owners[column + number]}: {_LEGEND[letter].split(':')[0]}"
            title = f"<title>{escape(tip)}</title>" if gap else ""
            place = f'x="{x}" y="{y}" width="{width}" height="{size - gap}"'
            yield f'<rect {place} fill="{_COLOURS[letter]}">{title}</rect>'
        column += length


def _worst(worst: _Worst, attacker: str, owner: str) -> str:
    return "O" if attacker == owner else _CODES[worst.get((attacker, owner), "PROVED")]
