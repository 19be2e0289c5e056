"""The moves that can be tried: which packages, and whether anything is renamed for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

_HERE: Final = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Packages that take the place of locked ones.

    Attributes:
        name: on the command line, and of its folder.
        title: what a report calls it.
        requirements: file of pip with each package's version and hash.
        renames: whether the packages have other names, so that the copy is renamed.
    """

    name: str
    title: str
    requirements: Path
    renames: bool


MOVES: Final = (
    Move(
        name="provider-6",
        title="cdktf with the bindings of AWS provider 6",
        requirements=_HERE / "provider-6.txt",
        renames=False,
    ),
    Move(
        name="terrain",
        title="cdktn with its bindings of AWS provider 6",
        requirements=_HERE / "terrain.txt",
        renames=True,
    ),
)
"""In the order in which they are tried."""
