"""The report for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

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
    return "".join(f"{_printable(line)}\n" for line in lines)


def _printable(line: str) -> str:
    """Return `line` so that nothing in it can pass for another line, or for colours of the terminal's."""
    return "".join(char if char.isprintable() else ascii(char)[1:-1] for char in line)


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
