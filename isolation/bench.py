"""`python -m isolation.bench OUTDIR [COUNT]`: how the analysis grows with the number of tenants.

It makes the documents of many tenants from one tenant's stack, by renaming, so that no synthesis is timed.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from isolation.rendering.machine import as_json
from isolation.rendering.matrix import as_svg
from isolation.rendering.text import as_text
from isolation.synthesized.input_error import InputError
from isolation.synthesized.reading import build_stacks, read_documents
from isolation.synthesized.shape import check_documents
from isolation.verdict.analysis import analyse

LIMIT_SECONDS: Final = 15.0
DEFAULT_COUNT: Final = 500


@dataclass(frozen=True, slots=True)
class Measurement:
    """One timed analysis.

    Attributes:
        tenants: how many.
        seconds: wall time of analysis and all three reports.
        verdict: the verdict of the report.
        asked: how many questions the solver was asked.
        solved: how many of them differed.
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
    check_documents(documents)
    for stack in build_stacks(documents, "0" * 12):
        owners = {resource.owner for resource in stack.resources.values()}
        if len(owners) == 1 and None not in owners:
            (tenant,) = (str(owner) for owner in owners)
            text = json.dumps(documents[stack.id])
            names = [f"tenant{number:04d}" for number in range(count)]
            return {stack.id.replace(tenant, name): json.loads(text.replace(tenant, name)) for name in names}
    raise InputError("no stack belongs to one tenant alone")


def measure(
    documents: dict[str, dict[str, Any]], count: int, clock: Callable[[], float] = time.perf_counter
) -> Measurement:
    """Time the analysis of `count` tenants by `clock`, in seconds."""
    stacks = multiplied(documents, count)
    start = clock()
    report = analyse(stacks)
    for render in (as_text, as_json, as_svg):
        render(report)
    seconds = clock() - start
    return Measurement(count, seconds, report.verdict, report.asked, report.solved)


def main(arguments: Sequence[str], clock: Callable[[], float] = time.perf_counter) -> int:
    """Measure a tenth, a half and all of the tenants; fail if all take longer than the limit."""
    outdir = Path(arguments[0]) if arguments else Path("cdktf.out")
    count = int(arguments[1]) if len(arguments) > 1 else DEFAULT_COUNT
    try:
        documents = read_documents(outdir)
        found = [measure(documents, size, clock) for size in (max(1, count // 10), max(1, count // 2), count)]
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
