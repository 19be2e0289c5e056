"""The isolation matrix as a picture."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Final
from xml.sax.saxutils import escape

from isolation.rendering.letters import LEGEND, LETTERS
from isolation.verdict.finding import Verdict
from isolation.verdict.report import Report

_COLOURS: Final = {"P": "#2e7d32", "V": "#c62828", "U": "#f9a825", "A": "#5c6bc0", "O": "#cfd8dc"}
_Worst = dict[tuple[str, str], Verdict]


def as_svg(report: Report) -> str:
    """Return the isolation matrix: one row per attacker, one column per owner, in each cell the worst of all kinds."""
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
    legend = (("P", "proved"), ("V", "violated"), ("U", "unknown"), ("A", "accepted"), ("O", "own"))
    for number, (letter, name) in enumerate(legend):
        x, y = 12 + 95 * number, height - 24
        parts.append(f'<rect x="{x}" y="{y}" width="14" height="14" fill="{_COLOURS[letter]}"/>')
        parts.append(f'<text x="{x + 20}" y="{y + 12}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def _row(
    owners: list[str], attacker: str, worst: _Worst, corner: tuple[int, int], size: int
) -> Iterator[str]:
    """Return the cells of one attacker, with neighbours of the same colour merged where names do not fit."""
    left, y = corner
    letters = [_worst(worst, attacker, owner) for owner in owners]
    gap = 2 if size > 4 else 0  # noqa: PLR2004 (as above)
    column = 0
    for letter, run in groupby(letters):
        length = len(list(run))
        for number in range(length if gap else 1):
            x, width = left + size * (column + number), size * (1 if gap else length) - gap
            tip = f"{attacker} to {owners[column + number]}: {LEGEND[letter].split(':')[0]}"
            title = f"<title>{escape(tip)}</title>" if gap else ""
            place = f'x="{x}" y="{y}" width="{width}" height="{size - gap}"'
            yield f'<rect {place} fill="{_COLOURS[letter]}">{title}</rect>'
        column += length


def _worst(worst: _Worst, attacker: str, owner: str) -> str:
    return "O" if attacker == owner else LETTERS[worst.get((attacker, owner), "PROVED")]
