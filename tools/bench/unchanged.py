"""Stacks that are kept and comparisons of revisions: how long each takes, and how that grows with the tenants."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import yaml

from fleet.comparison.report import compared
from tools.bench.processes import APP, Measurement, measure
from tools.bench.registries import registry

COUNTS: Final = (100, 500)
KEPT: Final[Mapping[str, str]] = {"SYNTH_CACHE": "on"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One size of a fleet of silos.

    Attributes:
        tenants: how many there are.
        all: seconds to synthesize all.
        one: where one of them changed, and the others are kept.
        none: where none changed.
        diff: of `fleet diff` against the last commit, both sides kept.
        comparing: of comparing two syntheses in which every stack differs.
    """

    tenants: int
    all: Measurement
    one: Measurement
    none: Measurement
    diff: Measurement
    comparing: float


def kept(folder: Path, runs: int, counts: Sequence[int] = COUNTS) -> list[Kept]:
    """Measure each of `counts` tenants, in `folder`, and take the median of `runs`."""
    return [_kept(folder / f"kept-{count}", count, runs) for count in counts]


def _kept(folder: Path, count: int, runs: int) -> Kept:
    folder.mkdir()
    file, outdir = folder / "registry.yaml", folder / "out"
    variables = {"TENANT_REGISTRY": str(file), "CDKTF_OUTDIR": str(outdir)}
    _write(file, count)
    everything = measure(APP, variables, 1)
    measure(APP, {**variables, **KEPT}, 1)
    none = measure(APP, {**variables, **KEPT}, runs)
    changed = []
    for _ in range(runs):
        # Another time on each run, also of the next benchmark: no earlier one has kept it.
        _write(file, count, created_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
        changed.append(measure(APP, {**variables, **KEPT}, 1))
        time.sleep(1)
    command = [sys.executable, "-m", "fleet", "diff", "HEAD"]
    given = {"TENANT_REGISTRY": str(file), **KEPT}
    measure(command, given, 1, accepted=(0, 1))
    diff = measure(command, given, runs, accepted=(0, 1))
    other = {**variables, "CDKTF_OUTDIR": str(folder / "other"), "TEAM": "another"}
    measure(APP, other, 1)
    started = time.perf_counter()
    compared(_files(outdir), _files(folder / "other"))
    return Kept(
        tenants=count,
        all=everything,
        one=Measurement(
            seconds=statistics.median(one.seconds for one in changed),
            megabytes=max(one.megabytes for one in changed),
        ),
        none=none,
        diff=diff,
        comparing=time.perf_counter() - started,
    )


def _write(file: Path, count: int, **first: str) -> None:
    """Write a registry of `count` silos, whose first tenant has the settings `first` as well."""
    found = registry(count, platform=False)
    tenants = found["tenants"]
    assert isinstance(tenants, dict)  # noqa: S101 (for mypy: a registry is an object of any keys)
    tenants["tenant-000"] |= first
    file.write_text(yaml.safe_dump(found))


def _files(outdir: Path) -> dict[str, Path]:
    return {path.parent.name: path for path in outdir.glob("stacks/*/cdk.tf.json")}


def table(found: Sequence[Kept]) -> str:
    """Return the table of the sizes."""
    lines = [
        "| tenants | all synthesized, s | one changed, s | none changed, s | `fleet diff`, s | all compared, s |",
        "|---|---|---|---|---|---|",
    ]
    for one in found:
        seconds = (one.all.seconds, one.one.seconds, one.none.seconds, one.diff.seconds, one.comparing)
        lines.append(f"| {one.tenants} | {' | '.join(f'{value:.2f}' for value in seconds)} |")
    return "\n".join(lines)
