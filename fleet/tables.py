"""Plain tables, for a terminal of any width and for a file."""

from __future__ import annotations

from collections.abc import Sequence


def table(lines: Sequence[Sequence[str]], *, left: int = 1) -> str:
    """Return `lines`, the first of which is the heading, in columns.

    Args:
        lines: cells, as many in each.
        left: how many columns are text, and flush left; the others are numbers.
    """
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if index < left else cell.rjust(width)
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
