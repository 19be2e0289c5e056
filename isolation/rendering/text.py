"""The report for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from isolation.catalogue.findings import NOT_MODELLED
from isolation.verdict.finding import Finding
from isolation.verdict.report import Report

SHOWN: Final = 40
"""Counterexamples printed in full."""


def as_text(report: Report) -> str:
    """Return the report for the terminal."""
    count = len(report.attackers) * len(report.owners) - len(set(report.attackers) & set(report.owners))
    lines = [
        f"{report.verdict}: {len(report.stacks)} stacks, {len(report.tenants)} tenants, {count} ordered pairs",
        "",
    ]
    findings = sorted(
        (found for found in report.findings.values() if found.waiver is None),
        key=lambda found: (found.verdict != "VIOLATED", found.attacker, found.owner),
    )
    for finding in findings[:SHOWN]:
        lines += [*_story(finding), ""]
    if len(findings) > SHOWN:
        lines += [f"... and {len(findings) - SHOWN} more; the JSON report holds them all", ""]
    lines += [f"UNKNOWN {NOT_MODELLED.id} {owner}: {text} is not modelled" for owner, text in report.gaps]
    if report.gaps:
        lines += [f"  mend       {NOT_MODELLED.mend}", ""]
    lines += _accepted(report)
    held = [companion for companion in report.companions if companion.satisfiable]
    lines.append(
        f"The owner can: {len(held)} of {len(report.companions)} kinds of resources, so the proofs are not vacuous"
    )
    lines += [
        f"{found.verdict} {found.type.id} {found.owner} {found.kind}: {found.because[0]}"
        for found in report.vacuous()
    ]
    lines += ["", "Trusted:", *(f"  - {who}" for who in report.trusted)]
    lines += ["", f"{report.asked} questions, {report.solved} of them different"]
    return "".join(f"{_printable(line)}\n" for line in lines)


def _printable(line: str) -> str:
    """Return `line` so that nothing in it can pass for another line, or for colours of the terminal's."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)


def _story(finding: Finding) -> Iterator[str]:
    yield f"{finding.verdict}: {finding.attacker} -> {finding.owner}, {finding.kind}"
    yield f"  {finding.type.id}    {finding.type.title}"
    if finding.place.address:
        yield f"  where      {finding.place}"
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
    yield f"  mend       {finding.type.mend}"


def _accepted(report: Report) -> Iterator[str]:
    """Return one line for each waiver that is used, and how many findings it accepts."""
    counts: dict[str, int] = {}
    for finding in [*report.accepted, *(found for found in report.vacuous() if found.waiver)]:
        line = f"{finding.type.id} {finding.place.address} ({finding.accepted}), {finding.waiver}"
        counts[line] = counts.get(line, 0) + 1
    for line, count in sorted(counts.items()):
        yield f"ACCEPTED {line} ({count} finding{'s' * (count > 1)})"
