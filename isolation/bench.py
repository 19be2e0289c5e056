"""`python -m isolation.bench OUTDIR [COUNT]`: how the analysis grows with the number of tenants.

Makes documents of many tenants out of one tenant's stack, by renaming, so that no synthesis is timed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from isolation.analysis import analyse
from isolation.report import as_json, as_svg, as_text
from isolation.terraform import InputError, build_stacks, read_documents

LIMIT_SECONDS: Final = 15.0
DEFAULT_COUNT: Final = 500


@dataclass(frozen=True, slots=True)
class Measurement:
    """One run.

    Attributes:
        tenants: how many.
        seconds: wall time of analysis and all three reports.
        verdict: of the report.
        asked: questions put to the solver.
        solved: questions that differed.
    """

    tenants: int
    seconds: float
    verdict: str
    asked: int
    solved: int


def multiplied(documents: dict[str, dict[str, Any]], count: int) -> dict[str, dict[str, Any]]:
    """Return the stacks of `count` tenants, each a copy of the first tenant's own stack under another name.

    Raises:
        InputError: no stack belongs to one tenant alone.
    """
    for stack in build_stacks(documents, "0" * 12):
        owners = {resource.owner for resource in stack.resources.values()}
        if len(owners) == 1 and None not in owners:
            (tenant,) = (str(owner) for owner in owners)
            text = json.dumps(documents[stack.id])
            names = [f"tenant{number:04d}" for number in range(count)]
            return {stack.id.replace(tenant, name): json.loads(text.replace(tenant, name)) for name in names}
    raise InputError("no stack belongs to one tenant alone")


def measure(documents: dict[str, dict[str, Any]], count: int) -> Measurement:
    """Time the analysis of `count` tenants."""
    stacks = multiplied(documents, count)
    start = time.perf_counter()
    report = analyse(stacks)
    for render in (as_text, as_json, as_svg):
        render(report)
    seconds = time.perf_counter() - start
    return Measurement(count, seconds, report.verdict, report.asked, report.solved)


def main(arguments: Sequence[str]) -> int:
    """Measure a tenth, a half and all of the tenants; fail if all take longer than the limit."""
    outdir = Path(arguments[0]) if arguments else Path("cdktf.out")
    count = int(arguments[1]) if len(arguments) > 1 else DEFAULT_COUNT
    try:
        documents = read_documents(outdir)
        found = [measure(documents, size) for size in (max(1, count // 10), max(1, count // 2), count)]
    except InputError as error:
        print(f"isolation.bench: {error}", file=sys.stderr)
        return 2
    for one in found:
        print(
            f"isolation: {one.tenants} tenants in {one.seconds:.2f} s, {1000 * one.seconds / one.tenants:.1f} ms each, "
            f"{one.verdict}, {one.asked} questions, {one.solved} different"
        )
    print(
        f"isolation: {found[-1].seconds / LIMIT_SECONDS:.2f} of the {LIMIT_SECONDS:.0f} s that {count} tenants may take"
    )
    return 0 if found[-1].seconds <= LIMIT_SECONDS and found[-1].verdict == "PROVED" else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
