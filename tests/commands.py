"""Every command that people run."""

from __future__ import annotations

import re
from pathlib import Path

from tools.reference.commands import MODULES
from tools.reference.parsers import parser_of, subparsers

ROOT = Path(__file__).resolve().parents[1]


def commands() -> set[str]:
    """Every command of the reference, and every module that a make target runs, `python -m` left out."""
    run = re.findall(r"python -m (\w[\w.]*)", (ROOT / "Makefile").read_text())
    found = {*run, *MODULES, "main"}
    for module in MODULES:
        parser = parser_of(module)
        if parser is not None and (below := subparsers(parser)):
            found.discard(module)
            found |= {f"{module} {name}" for name in below}
    return found


def among(command: str, lines: set[str]) -> bool:
    """Whether one of `lines`, commands with their arguments, is `command`."""
    return any(f"{line} ".startswith(f"{command} ") for line in lines)
