"""`python -m tools.successor [MOVE ...]`: try the packages that this repository will move to, in a copy of it.

A move is `provider-6` (the bindings of AWS provider 6, on cdktf) or `terrain` (cdktn and its bindings); both where none
is named. Each runs the unit tests of stacks and constructs, checks the types of both folders, and compares what is
synthesized for every case of `python -m tools.compare` with what this checkout synthesizes. Exit code 0: stacks,
addresses, backends and outputs are equal; 1: one of them is not; 2: a move cannot be tried.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from config.problems import Refusal
from fleet.comparison.revisions import Tree, here
from progress.showing import working
from tools.compare.__main__ import CASES, synthesized
from tools.successor.comparison import judge
from tools.successor.moves import MOVES, Move
from tools.successor.workplace import WORK, workplace

ROOT: Final = Path(__file__).resolve().parents[2]
TESTS: Final = ("tests/unit/stacks", "tests/unit/constructs")
TYPED: Final = ("stacks", "constructs")
PLAIN: Final = {"SYNTH_PROCESSES": "1", "SYNTH_CACHE": "off"}
"""One process, and no stack of an earlier run: the times of two sides can be compared."""
_ANSI: Final = re.compile(r"\x1b\[[0-9;]*m")


def attempt(root: Path, move: Move, options: argparse.Namespace) -> bool:
    """Try `move`, print what it changes, and return whether deployed stacks stay what they are known as.

    Raises:
        Refusal: it cannot be tried.
    """
    print(f"{move.title}: installing", flush=True)
    with working(f"{move.title}: installing"):
        tree = workplace(root, move)
    (root / WORK / move.name / "log").mkdir()
    if not options.no_tests:
        tests = ["pytest", "-q", "-p", "no:cacheprovider", "-n", str(options.workers), *TESTS]
        print(f"{move.title}: tests: {_last_line(tree, tests, 'tests')}", flush=True)
    if not options.no_types:
        types = ["mypy", "--cache-dir", str(root / WORK / move.name / "mypy"), *TYPED]
        print(f"{move.title}: types: {_last_line(tree, types, 'types')}", flush=True)
    equal = True
    spent = [0.0, 0.0]
    for number, (case, variables) in enumerate(CASES.items()):
        sides = []
        for index, side in enumerate((here(root), tree)):
            outdir = root / WORK / move.name / f"{number}-{index}"
            started = time.monotonic()
            with working(f"{move.title}: {case}: synthesizing {side.name}"):
                sides.append(synthesized(side, outdir, {**variables, **PLAIN}))
            spent[index] += time.monotonic() - started
        verdict = judge(*sides)
        equal = equal and not verdict.broken
        said = f"{len(verdict.broken)} of stacks, addresses, backends and outputs differ"
        print(f"{move.title}: {case}: {verdict.stacks} stacks, {said}", flush=True)
        for line in verdict.broken:
            print(f"  {line}")
        for argument, count in verdict.arguments.items():
            print(f"  {argument}: {count} times, such as {verdict.examples[argument]}")
    print(f"{move.title}: synthesis: {spent[1]:.1f} s, now {spent[0]:.1f} s")
    return equal


def _last_line(tree: Tree, module: list[str], name: str) -> str:
    """Run a Python module in `tree`, keep what it prints, and return its last line."""
    log = tree.folder.parent / "log" / f"{name}.txt"
    with log.open("w") as output, suppress(KeyboardInterrupt), working(f"running {name}"):
        subprocess.run(
            [str(tree.python), "-m", *module],
            cwd=tree.folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        )
    lines = _ANSI.sub("", log.read_text(errors="replace")).strip().splitlines() or ["nothing"]
    return f"{lines[-1].strip('= ')} ({log.relative_to(ROOT)})"


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.successor", description=__doc__)
    names = [move.name for move in MOVES]
    parser.add_argument("moves", metavar="MOVE", nargs="*", help=f"of {', '.join(names)}; all if left out")
    parser.add_argument("--no-tests", action="store_true", help="run no tests")
    parser.add_argument("--no-types", action="store_true", help="check no types")
    parser.add_argument("--workers", type=int, default=2, help="processes that run tests; 2 if left out")
    given = parser.parse_args(arguments)
    if unknown := sorted({*given.moves} - {*names}):
        parser.error(f"MOVE: received {unknown[0]!r}, expected one of {', '.join(names)}")
    try:
        results = [
            attempt(ROOT, move, given) for move in MOVES if not given.moves or move.name in given.moves
        ]
    except Refusal as refusal:
        print(f"successor: {refusal}", file=sys.stderr)
        return 2
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
