"""The page's section on isolation: the verdict, how it stands by kind of resource, the findings, the matrix."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Final

from fleet.isolation_report import IsolationReport, ReportedFinding

LARGEST_MATRIX: Final = 60
"""Owners up to which the page shows the matrix: no screen is wider, and 4,000 owners have 16 million cells."""
MOST_FINDINGS: Final = 500
WORDS: Final = {
    "P": "proved",
    "A": "accepted",
    "U": "unknown",
    "V": "violated",
    "O": "the same",
    "-": "has nothing to reach",
}
"""By letter of the matrix."""
COUNTED: Final = "PAUV"
BAD: Final = "UV"


def isolation_section(report: IsolationReport | None) -> str:
    """Return the section's HTML; without a report, it says how to get one."""
    if report is None:
        return "<p>Nothing was proved of these stacks: <code>make prove page</code> does.</p>"
    return "".join(_parts(report))


def _parts(report: IsolationReport) -> Iterator[str]:
    bad = ' class="bad"' * (report.verdict in {"UNKNOWN", "VIOLATED"})
    pairs = f"{len(report.attackers):,} attackers, {len(report.owners):,} owners of resources"
    yield f"<p{bad}>{escape(report.verdict)}: {pairs}.</p>"
    yield from _kinds(report)
    if report.findings:
        yield from _findings(report.findings)
    if len(report.owners) <= LARGEST_MATRIX:
        yield from _matrix(report)
    else:
        yield f"<p>The matrix is shown up to {LARGEST_MATRIX} owners; the prover's own picture has them all.</p>"


def _kinds(report: IsolationReport) -> Iterator[str]:
    classes = {letter: f"number{' minor' * (letter == 'A')}" for letter in COUNTED}
    heads = "".join(f'<th scope="col" class="{of}">{WORDS[one].title()}</th>' for one, of in classes.items())
    yield f'<table id="kinds"><thead><tr><th scope="col">Pairs, by kind of resource</th>{heads}</tr></thead><tbody>'
    for kind, counts in report.kinds.items():
        found = {letter: counts.get(letter, 0) for letter in COUNTED}
        cells = "".join(
            f'<td class="{classes[letter]}{" bad" * (letter in BAD and count > 0)}">{count:,}</td>'
            for letter, count in found.items()
        )
        yield f"<tr><td>{escape(kind)}</td>{cells}</tr>\n"
    yield "</tbody></table>"


def _findings(findings: tuple[ReportedFinding, ...]) -> Iterator[str]:
    yield '<table id="findings"><thead><tr><th scope="col">Finding</th><th scope="col">Verdict</th>'
    yield '<th scope="col">From</th><th scope="col">To</th><th scope="col" class="minor">Where</th></tr></thead><tbody>'
    for one in findings[:MOST_FINDINGS]:
        bad = "" if one.verdict == "ACCEPTED" else ' class="bad"'
        named = f"{one.id} {one.title}".strip()
        yield (
            f"<tr><td>{escape(named)}</td><td{bad}>{escape(one.verdict)}</td><td>{escape(one.attacker)}</td>"
            f'<td>{escape(one.owner)}</td><td class="minor">{escape(one.address)}</td></tr>\n'
        )
    yield "</tbody></table>"
    if len(findings) > MOST_FINDINGS:
        yield f"<p>And {len(findings) - MOST_FINDINGS:,} more.</p>"


def _matrix(report: IsolationReport) -> Iterator[str]:
    """Yield a table: may the row reach the column? Letters, not colours alone, say it."""
    legend = ", ".join(f"{letter} {word}" for letter, word in WORDS.items() if letter in COUNTED)
    yield f"<p>May the row reach what the column owns? {legend}.</p>"
    yield '<div class="wide"><table id="matrix"><thead><tr><td></td>'
    yield "".join(f'<th scope="col"><span>{escape(owner)}</span></th>' for owner in report.owners)
    yield "</tr></thead><tbody>\n"
    for attacker in report.attackers:
        cells = "".join(
            f'<td class="{"bad" if letter in BAD else "quiet"}" '
            f'title="{escape(f"{attacker} to {owner}: {WORDS[letter]}")}">{"" if letter in "O-" else letter}</td>'
            for owner, letter in zip(report.owners, report.cells[attacker], strict=True)
        )
        yield f'<tr><th scope="row">{escape(attacker)}</th>{cells}</tr>\n'
    yield "</tbody></table></div>"
