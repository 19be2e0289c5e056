"""`python -m isolation.bench OUTDIR [COUNT]`: how the analysis grows with tenants, and with the resources of each.

It makes the documents of many tenants from one tenant's stack, by renaming, so that no synthesis is timed.
"""

from __future__ import annotations

import json
import re
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
LARGE: Final = 1000
"""About as many resources has each of a few large stacks, which together have as many as all small ones."""

DEFAULT_COUNT: Final = 500


@dataclass(frozen=True, slots=True)
class Measurement:
    """One timed analysis.

    Attributes:
        tenants: how many.
        resources: of all tenants.
        seconds: wall time of analysis and all three reports.
        verdict: the verdict of the report.
        asked: how many questions the solver was asked.
        solved: how many of them differed.
    """

    tenants: int
    resources: int
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


def enlarged(documents: dict[str, dict[str, Any]], copies: int) -> dict[str, dict[str, Any]]:
    """Return `documents` with each resource `copies` times in its stack, under other names, for the same tenant."""
    return {id_: _enlarged(document, copies) for id_, document in documents.items()}


def _enlarged(document: dict[str, Any], copies: int) -> dict[str, Any]:
    resources: dict[str, dict[str, Any]] = document["resource"]
    text = json.dumps(resources)
    declared = sorted({name for named in resources.values() for name in named}, key=len, reverse=True)
    names = re.compile("|".join(map(re.escape, declared)))
    found: dict[str, dict[str, Any]] = {type_: {} for type_ in resources}
    for number in range(copies):
        # The name of the tenant alone stays: tags and conditions say it.
        copy = names.sub(lambda match, number=number: f"{match[0]}_{number}", text)  # type: ignore[misc]
        copy = re.sub(r"(?<=-)(tenant\d{4})(?=-)", rf"\1-{number}", copy)
        for type_, named in json.loads(copy).items():
            found[type_] |= named
    return {**document, "resource": found}


def measure(
    documents: dict[str, dict[str, Any]],
    count: int,
    clock: Callable[[], float] = time.perf_counter,
    copies: int = 1,
) -> Measurement:
    """Time the analysis of `count` tenants with `copies` of one tenant's resources each, by `clock`, in seconds."""
    stacks = enlarged(multiplied(documents, count), copies)
    resources = sum(len(named) for stack in stacks.values() for named in stack["resource"].values())
    start = clock()
    report = analyse(stacks)
    for render in (as_text, as_json, as_svg):
        render(report)
    seconds = clock() - start
    return Measurement(count, resources, seconds, report.verdict, report.asked, report.solved)


def main(arguments: Sequence[str], clock: Callable[[], float] = time.perf_counter) -> int:
    """Measure parts and all of the tenants, and as many resources in few large stacks; fail over the limit."""
    outdir = Path(arguments[0]) if arguments else Path("cdktf.out")
    count = int(arguments[1]) if len(arguments) > 1 else DEFAULT_COUNT
    try:
        documents = read_documents(outdir)
        small = [measure(documents, size, clock) for size in (max(1, count // 10), max(1, count // 2), count)]
        copies = max(1, round(LARGE * count / small[-1].resources))
        stacks = max(1, round(count / copies))
        large = [measure(documents, stacks, clock, part) for part in (max(1, copies // 2), copies)]
    except InputError as error:
        print(f"isolation.bench: {error}", file=sys.stderr)
        return 2
    for one in (*small, *large):
        print(
            f"isolation: {one.tenants} tenants with {one.resources} resources in {one.seconds:.2f} s, "
            f"{1000 * one.seconds / one.resources:.2f} ms each, {one.verdict}, {one.asked} questions, "
            f"{one.solved} different"
        )
    for shape, (half, whole) in (("small", small[-2:]), ("large", large)):
        grown, slower = whole.resources / half.resources, whole.seconds / half.seconds
        print(f"isolation: {shape} stacks: {grown:.1f} times the resources take {slower:.1f} times as long")
    slowest = max(small[-1].seconds, large[-1].seconds)
    print(f"isolation: {slowest / LIMIT_SECONDS:.2f} of the {LIMIT_SECONDS:.0f} s that either may take")
    proved = small[-1].verdict == large[-1].verdict == "PROVED"
    return 0 if slowest <= LIMIT_SECONDS and proved else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
