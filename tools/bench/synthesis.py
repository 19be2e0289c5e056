"""Synthesis: by size, against the plain import of the bindings, and against the engine's own floor."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from synthesis.processes import cores, deal
from tools.bench.floor import floor
from tools.bench.functions import OnDisk, on_disk
from tools.bench.processes import APP, ROOT, Measurement, environment, measure
from tools.bench.registries import written

EAGER: Mapping[str, str] = {"EAGER_BINDINGS": "1", "SYNTH_PROCESSES": "1"}
ONE_PROCESS: Mapping[str, str] = {"SYNTH_PROCESSES": "1"}
FIRST_STACK = "tenant-tenant-000-test"


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """One size of the app, measured in every way.

    Attributes:
        tenants: silo tenants.
        platform: whether the shared platform, with three Fargate tenants, is there too.
        resources: in all stacks.
        processes: that a synthesis takes by default on this machine.
        one: in one process.
        default: in `processes`.
        eager: in one process with the plain import.
        floor: the same resources in JavaScript.
    """

    tenants: int
    platform: bool
    resources: int
    processes: int
    one: Measurement
    default: Measurement
    eager: Measurement
    floor: Measurement


class Bench:
    """Measures in a folder of its own, with warm caches."""

    def __init__(self, folder: Path, runs: int) -> None:
        self._folder, self._runs = folder, runs

    def warm_up(self) -> None:
        """Fill what is filled once: bytecode, jsii's package cache, the unpacked provider, the files' own cache."""
        outdir = self._folder / "warm"
        for variables in (ONE_PROCESS, EAGER):
            self._app(written(self._folder, 1, platform=True), outdir, variables, runs=1)
        floor(outdir, self._folder / "warm-floor", 1)

    def size(self, tenants: int, *, platform: bool) -> Size:
        """Measure an app of that size."""
        registry, outdir = written(self._folder, tenants, platform=platform), self._folder / "out"
        stacks = tenants + platform
        processes = len(deal([str(index) for index in range(stacks)], cores()))
        one = self._app(registry, outdir, ONE_PROCESS)
        return Size(
            tenants=tenants,
            platform=platform,
            resources=_resources(outdir),
            processes=processes,
            one=one,
            default=self._app(registry, outdir, {}) if processes > 1 else one,
            eager=self._app(registry, outdir, EAGER),
            floor=floor(outdir, self._folder / "floor", self._runs),
        )

    def one_of_many(self, tenants: int) -> tuple[float, float]:
        """Return the seconds of the first tenant alone, and of it out of `tenants` and the platform (`STACKS`).

        The two take turns, three times as often as other measurements: they differ by little.
        """
        registries = [
            written(self._folder, 1, platform=False),
            written(self._folder, tenants, platform=True),
        ]
        seconds: list[list[float]] = [[], []]
        for _ in range(3 * self._runs):
            for registry, found in zip(registries, seconds, strict=True):
                measured = self._app(registry, self._folder / "one", {"STACKS": FIRST_STACK}, runs=1)
                found.append(measured.seconds)
        alone, among = map(statistics.median, seconds)
        return alone, among

    def cold(self, variables: Mapping[str, str]) -> Measurement:
        """Measure three tenants and the platform where jsii has unpacked nothing and no bytecode is there."""
        registry = written(self._folder, 3, platform=True)
        seconds, megabytes = [], []
        for run in range(self._runs):
            empty = self._folder / f"cold-{run}-{'-'.join(variables)}"
            caches = {
                "JSII_RUNTIME_PACKAGE_CACHE_ROOT": str(empty / "jsii"),
                "PYTHONPYCACHEPREFIX": str(empty / "bytecode"),
            }
            found = self._app(registry, self._folder / "cold", {**variables, **caches}, runs=1)
            seconds.append(found.seconds)
            megabytes.append(found.megabytes)
        return Measurement(seconds=statistics.median(seconds), megabytes=max(megabytes))

    def phases(self) -> list[dict[str, float | str]]:
        """Return the phases of the run of median length, of three tenants and the platform."""
        registry = written(self._folder, 3, platform=True)
        variables = {"TENANT_REGISTRY": str(registry), "CDKTF_OUTDIR": str(self._folder / "phases")}
        runs = [
            json.loads(
                subprocess.check_output(
                    [sys.executable, "-m", "tools.bench.phases"], cwd=ROOT, env=environment(variables)
                )
            )
            for _ in range(self._runs)
        ]
        ordered: list[list[dict[str, float | str]]] = sorted(
            runs, key=lambda phases: sum(float(phase["seconds"]) for phase in phases)
        )
        return ordered[len(ordered) // 2]

    def on_disk(self, tenants: int) -> OnDisk:
        """Return what the packages of `tenants` and the platform take on disk."""
        outdir = self._folder / "disk"
        self._app(written(self._folder, tenants, platform=True), outdir, {}, runs=1)
        return on_disk(outdir)

    def _app(
        self, registry: Path, outdir: Path, variables: Mapping[str, str], *, runs: int | None = None
    ) -> Measurement:
        where = {"TENANT_REGISTRY": str(registry), "CDKTF_OUTDIR": str(outdir)}
        return measure(APP, {**where, **variables}, runs or self._runs)


def sizes(folder: Path, counts: Sequence[int], runs: int) -> list[Size]:
    """Measure every count, without and with the platform, each in an empty output folder."""
    found = []
    for count in counts:
        for platform in (False, True):
            with tempfile.TemporaryDirectory(dir=folder) as name:
                found.append(Bench(Path(name), runs).size(count, platform=platform))
                print(f"bench: {_shown(found[-1])} measured", file=sys.stderr)
    return found


def table(found: Sequence[Size]) -> str:
    """Return the table of the sizes."""
    columns = [
        *("stacks", "resources", "one process, s", "MB", "processes", "s", "MB", "plain import, s", "MB"),
        *("times as fast", "floor, s", "times the floor"),
    ]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for size in found:
        several = size.processes > 1
        cells = [
            _shown(size),
            f"{size.resources:,}",
            f"{size.one.seconds:.2f}",
            f"{size.one.megabytes:.0f}",
            f"{size.processes}" if several else "",
            f"{size.default.seconds:.2f}" if several else "",
            f"{size.default.megabytes:.0f}" if several else "",
            f"{size.eager.seconds:.2f}",
            f"{size.eager.megabytes:.0f}",
            f"{size.eager.seconds / size.default.seconds:.1f}",
            f"{size.floor.seconds:.2f}",
            f"{size.default.seconds / size.floor.seconds:.1f}",
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def marginal(found: Sequence[Size]) -> str:
    """Return what one more tenant costs, from the two largest sizes without the platform."""
    *_, small, large = sorted((size for size in found if not size.platform), key=lambda size: size.tenants)

    def milliseconds(kind: str) -> str:
        seconds: float = getattr(large, kind).seconds - getattr(small, kind).seconds
        return f"{1000 * seconds / (large.tenants - small.tenants):.0f} ms"

    return (
        f"One more tenant's stack ({large.resources // large.tenants} resources and two packages of functions) costs\n"
        f"{milliseconds('one')} in one process and {milliseconds('default')} in {large.processes}, "
        f"{milliseconds('eager')} with the plain import, {milliseconds('floor')} in JavaScript\n"
        f"(from {small.tenants} to {large.tenants} tenants)."
    )


def phase_table(phases: Sequence[Mapping[str, float | str]]) -> str:
    """Return the table of the phases."""
    whole = sum(float(phase["seconds"]) for phase in phases)
    lines = [
        "| phase | seconds | share | of it waiting for Node.js, s | messages |",
        "|---|---|---|---|---|",
    ]
    for phase in phases:
        seconds, waiting = float(phase["seconds"]), float(phase["waiting"])
        lines.append(
            f"| {phase['phase']} | {seconds:.2f} | {seconds / whole:.0%} | {waiting:.2f} | {phase['messages']} |"
        )
    return "\n".join(lines)


def _shown(size: Size) -> str:
    tenants = f"{size.tenants} tenant{'s' if size.tenants > 1 else ''}"
    return f"{tenants} and the platform" if size.platform else tenants


def _resources(outdir: Path) -> int:
    documents = [json.loads(file.read_text()) for file in (outdir / "stacks").glob("*/cdk.tf.json")]
    return sum(len(found) for document in documents for found in document["resource"].values())
