"""Measure everything in one run and print the page, or write it.

    python -m tools.bench [--tenants 1,3,50,500] [--runs 3] [--output docs/performance.md]

Times are medians of whole processes, caches warm. Nothing here is a test: a slow machine is no failure.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path

import psutil

import synthesis.jsii  # noqa: F401 (before `constructs`, whose library starts Node.js)

# isort: split
from progress.showing import working
from terraform.binary import find_installation
from tools import doctor
from tools.bench import fleet, unchanged
from tools.bench.functions import disk_line, functions
from tools.bench.plans import Planned, plans
from tools.bench.processes import APP, BYTES_A_MEGABYTE, ROOT, environment
from tools.bench.registries import written
from tools.bench.synthesis import (
    EAGER,
    FIRST_STACK,
    ONE_PROCESS,
    Bench,
    marginal,
    phase_table,
    sizes,
    table,
)

PAGE = Path(__file__).with_name("page.md")
WORK = ROOT / "build" / "bench"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure all and print, or write, the page; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.bench")
    parser.add_argument(
        "--tenants", default="1,3,50,500", type=sizes_of, help="two or more counts of tenants, such as 1,3,50"
    )
    parser.add_argument("--runs", default=3, type=one_or_more)
    parser.add_argument("--output", type=Path)
    options = parser.parse_args(arguments)
    if missing := doctor.main((find_installation,)):
        return missing
    with working("measuring"):
        text = str(page(options.tenants, options.runs))
    if options.output:
        options.output.write_text(text)
    print(text)
    return 0


def sizes_of(text: str) -> list[int]:
    """Return the counts of `text`, ascending.

    Raises:
        argparse.ArgumentTypeError: they are not two or more different counts.
    """
    try:
        counts = sorted({one_or_more(part) for part in text.split(",")})
    except argparse.ArgumentTypeError:
        counts = []
    if len(counts) < 2:  # noqa: PLR2004 (what one more tenant costs is a difference)
        raise argparse.ArgumentTypeError(f"received {text!r}, expected two or more counts, such as '1,3,50'")
    return counts


def one_or_more(text: str) -> int:
    """Return the number of `text`.

    Raises:
        argparse.ArgumentTypeError: it is none, or less than one.
    """
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"received {text!r}, expected a number from 1")
    return int(text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What `page.md` has a place for, each under its name; tables are Markdown, times are seconds."""

    machine: str
    runs: int
    count: int
    synthesis: str
    marginal: str
    alone: float
    among: float
    one_of_many: float
    cold: float
    cold_eager: float
    phases: str
    phase_seconds: float
    planning: str
    own_megabytes: float
    provider_megabytes: float
    functions: str
    packages_on_disk: str
    prover: str
    fleet: str
    unchanged: str

    def __str__(self) -> str:
        """The page."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return PAGE.read_text().format(**values)


def page(counts: Sequence[int], runs: int) -> Page:
    """Measure everything."""
    WORK.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=WORK) as name:
        folder = Path(name)
        bench = Bench(folder, runs)
        bench.warm_up()
        found = sizes(folder, counts, runs)
        alone, among = bench.one_of_many(counts[-1])
        phases = bench.phases()
        planned = planning(folder, counts[-1], runs)
        linked = list(planned.values())[-1]
        return Page(
            machine=machine(),
            runs=runs,
            count=counts[-1],
            synthesis=table(found),
            marginal=marginal(found),
            alone=alone,
            among=among,
            one_of_many=among / alone,
            cold=bench.cold(ONE_PROCESS).seconds,
            cold_eager=bench.cold(EAGER).seconds,
            phases=phase_table(phases),
            phase_seconds=sum(float(phase["seconds"]) for phase in phases),
            planning=plan_table(planned),
            own_megabytes=linked.own_megabytes,
            provider_megabytes=linked.provider_megabytes,
            functions=functions(runs),
            packages_on_disk=disk_line(bench.on_disk(counts[-1])),
            prover=prover(folder),
            fleet=fleet_commands(folder, runs),
            unchanged=unchanged.table(unchanged.kept(folder, runs)),
        )


def machine() -> str:
    """Return this machine in general words."""
    memory = psutil.virtual_memory().total / BYTES_A_MEGABYTE / 1024
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    return f"a machine with {os.cpu_count()} cores and {memory:.0f} GB, {python}"


def planning(folder: Path, count: int, runs: int) -> dict[str, Planned]:
    """Return what it takes to plan one tenant, of one and of `count`."""
    registries = {
        "one of 1": written(folder, 1, platform=False),
        f"one of {count} and the platform": written(folder, count, platform=True),
    }
    return plans(folder, registries, FIRST_STACK, runs)


def plan_table(planned: Mapping[str, Planned]) -> str:
    """Return the table of the plans."""
    lines = [
        "| tenant | synthesis, s | `terraform init`, s | `terraform plan`, s | in all, s |",
        "|---|---|---|---|---|",
    ]
    for name, one in planned.items():
        steps = (one.synthesis, one.initialization, one.plan)
        lines.append(f"| {name} | {' | '.join(f'{seconds:.2f}' for seconds in (*steps, sum(steps)))} |")
    return "\n".join(lines)


def prover(folder: Path) -> str:
    """Return what the prover's own benchmark says of 500 tenants."""
    outdir = folder / "proved"
    subprocess.run(APP, cwd=ROOT, env=environment({"CDKTF_OUTDIR": str(outdir)}), check=True)
    # Its exit code says whether the limit was kept, which the lines say as well.
    command = [sys.executable, "-m", "isolation.bench", str(outdir)]
    output = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True).stdout
    return "\n".join(f"- {line.removeprefix('isolation: ')}" for line in output.splitlines())


def fleet_commands(folder: Path, runs: int) -> str:
    """Return the table of the commands over a fleet."""
    variables = {
        "CDKTF_OUTDIR": str(folder / "copied"),
        "TENANT_REGISTRY": str(written(folder, 1, platform=False)),
    }
    subprocess.run(APP, cwd=ROOT, env=environment(variables), check=True)
    copies = folder / "copies"
    copies.mkdir()
    return fleet.table(fleet.commands(folder / "copied", copies, runs))


if __name__ == "__main__":
    sys.exit(main())
