"""How the pages are written: one heading, one note that they are made, tables whose cells hold no bar."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

NOTE: Final = "Written by `make reference` from the code; do not edit."


def page(title: str, *parts: str) -> str:
    """Return a page of `parts`, with its title and the note that it is made."""
    return "\n\n".join([f"# {title}", NOTE, *parts]) + "\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table; a bar or a line's end in a cell is written as Markdown can read it."""
    lines = [_row(head), _row(["---"] * len(head)), *map(_row, rows)]
    return "\n".join(lines)


def plain(text: str) -> str:
    """Return `text`, which is no Markdown, so that Markdown shows it as it is."""
    return re.sub(r"([*_<\\])", r"\\\1", text)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"
