"""Measure synthesis, the functions' packages and the prover, as ratios in one run; print a table in Markdown.

    python -m tools.bench [--tenants 1,3,50,500] [--runs 3] [--output docs/performance.md]

Times are medians of whole processes after one warm-up. Nothing here is a test: a slow machine is no failure.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
import yaml

import config.engine  # noqa: F401 (before `constructs`, whose library starts Node.js)

# isort: split
from constructs.lambda_package import SOURCES, VENDORED, package

ROOT = Path(__file__).resolve().parent.parent
BYTES_A_MEGABYTE = 1024 * 1024
SAMPLE_SECONDS = 0.05
EAGER = {"EAGER_BINDINGS": "1"}
TENANTS_A_SECOND_OCTET = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One command, measured.

    Attributes:
        seconds: median of the runs, whole process.
        megabytes: peak of resident memory, the processes that it starts included.
    """

    seconds: float
    megabytes: float


def registry(silos: int, *, platform: bool) -> dict[str, object]:
    """Return a registry of `silos` tenants and, with `platform`, the default Fargate tenants."""
    tenants: dict[str, object] = {
        f"tenant-{index:03d}": {
            "silo": {
                "cidr": f"10.{1 + index // TENANTS_A_SECOND_OCTET}.{index % TENANTS_A_SECOND_OCTET * 4}.0/22"
            }
        }
        for index in range(silos)
    }
    found: dict[str, object] = {"created_at": "2026-01-01T00:00:00Z", "tenants": tenants}
    if platform:
        found["platform"] = {}
        tenants |= {
            f"service-{priority}": {"fargate": {"listener_priority": priority}} for priority in (1, 2, 3)
        }
    return found


def measure(command: Sequence[str], variables: Mapping[str, str], runs: int) -> Measurement:
    """Run `command` once to warm up and `runs` times to measure."""
    environment = {**os.environ, **variables}
    seconds, megabytes = [], [0.0]
    for run in range(runs + 1):
        started = time.perf_counter()
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as process:
            watcher = threading.Thread(target=_watch, args=(process.pid, megabytes))
            watcher.start()
            if process.wait() != 0:
                raise SystemExit(f"bench: {' '.join(command)} failed")
        if run:
            seconds.append(time.perf_counter() - started)
        watcher.join()
    return Measurement(seconds=statistics.median(seconds), megabytes=max(megabytes))


def _watch(pid: int, megabytes: list[float]) -> None:
    """Append the resident memory of the process and its children until it ends."""
    while True:
        try:
            parent = psutil.Process(pid)
            family = [parent, *parent.children(recursive=True)]
            megabytes.append(sum(one.memory_info().rss for one in family) / BYTES_A_MEGABYTE)
        except psutil.Error:
            return
        time.sleep(SAMPLE_SECONDS)


def synthesis(counts: Sequence[int], runs: int) -> list[str]:
    """Return the table of synthesis: lazy bindings against the plain import of the same app."""
    lines = [
        "| stacks | seconds | peak MB | plain import, seconds | times as fast |",
        "|---|---|---|---|---|",
    ]
    command = [sys.executable, "main.py"]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        largest = folder / "registry.yaml"
        for count in counts:
            for platform in (False, True):
                largest.write_text(yaml.safe_dump(registry(count, platform=platform)))
                variables = {"TENANT_REGISTRY": str(largest), "CDKTF_OUTDIR": str(folder / "out")}
                lazy = measure(command, variables, runs)
                eager = measure(command, {**variables, **EAGER}, runs)
                shown = f"{count} tenant{'s' if count > 1 else ''}{' and the platform' if platform else ''}"
                lines.append(
                    f"| {shown} | {lazy.seconds:.2f} | {lazy.megabytes:.0f} | {eager.seconds:.2f} "
                    f"| {eager.seconds / lazy.seconds:.1f} |"
                )
        variables = {"CDKTF_OUTDIR": str(folder / "out"), "STACKS": "tenant-tenant-000-test"}
        alone, among = folder / "one.yaml", folder / "many.yaml"
        alone.write_text(yaml.safe_dump(registry(1, platform=False)))
        among.write_text(yaml.safe_dump(registry(max(counts), platform=False)))
        one = measure(command, {**variables, "TENANT_REGISTRY": str(alone)}, runs)
        chosen = measure(command, {**variables, "TENANT_REGISTRY": str(among)}, runs)
    ratio = chosen.seconds / one.seconds
    lines += ["", f"One stack of {max(counts)} (`STACKS`) takes {ratio:.2f} of the time of one of one."]
    return lines


def functions(runs: int) -> list[str]:
    """Return the table of the functions' packages: size, and time to import the handler after boto3."""
    lines = ["| function | package, MB | import, seconds |", "|---|---|---|"]
    for source in sorted(path.parent.name for path in SOURCES.glob("*/handler.py")):
        code = (
            "import time, boto3; started = time.perf_counter(); "
            f"import {source}.handler; print(time.perf_counter() - started)"
        )
        environment = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join([str(SOURCES), str(VENDORED / source)]),
            "AWS_DEFAULT_REGION": "us-east-1",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }
        found = [
            float(subprocess.check_output([sys.executable, "-c", code], env=environment, text=True))
            for _ in range(runs + 1)
        ]
        size = package(source).path.stat().st_size / BYTES_A_MEGABYTE
        lines.append(f"| {source} | {size:.2f} | {statistics.median(found[1:]):.2f} |")
    return lines


def prover() -> list[str]:
    """Return what the prover's own benchmark says of 500 tenants."""
    with tempfile.TemporaryDirectory() as name:
        variables = {**os.environ, "CDKTF_OUTDIR": str(Path(name) / "out")}
        subprocess.run([sys.executable, "main.py"], cwd=ROOT, env=variables, check=True)
        command = [sys.executable, "-m", "isolation.bench", str(Path(name) / "out")]
        # Its exit code says whether the limit was kept, which the lines say as well.
    output = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True).stdout
    return [f"- {line.removeprefix('isolation: ')}" for line in output.splitlines()]


def main() -> None:
    """Measure all and print, or write, the page."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench")
    parser.add_argument("--tenants", default="1,3,50")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args()
    counts = [int(count) for count in options.tenants.split(",")]
    cores, memory = os.cpu_count(), psutil.virtual_memory().total / BYTES_A_MEGABYTE / 1024
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    machine = f"a machine with {cores} cores and {memory:.0f} GB, {python}"
    page = [
        "# Performance",
        "",
        f"Written by `make bench` on {machine}. Medians of {options.runs} runs after a warm-up; compare ratios.",
        "",
        "## Synthesis",
        "",
        *synthesis(counts, options.runs),
        "",
        "## Functions",
        "",
        *functions(options.runs),
        "",
        "## The prover",
        "",
        *prover(),
    ]
    text = "\n".join(page) + "\n"
    if options.output:
        options.output.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
