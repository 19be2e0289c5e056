"""The functions' packages: their size, and what a cold start pays for their imports."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import synthesis.jsii  # noqa: F401 (before `constructs`, whose library starts Node.js)

# isort: split
from bundling.function_package import SOURCES, VENDORED, package
from tools.bench.processes import BYTES_A_MEGABYTE

BYTES_A_BLOCK: Final = 512
"""Of `st_blocks`, on any file system (https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/sys_stat.h.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDisk:
    """What functions' packages take in an output folder.

    Attributes:
        stacks: that there are.
        files: names of packages in the stacks.
        apparent: the sum of their sizes in bytes, as if each were a file of its own.
        taken: bytes on disk, where several names of one file count once.
    """

    stacks: int
    files: int
    apparent: int
    taken: int


def on_disk(outdir: Path) -> OnDisk:
    """Return what the packages of the stacks below `outdir` take."""
    found = [path.stat() for path in (outdir / "stacks").glob("*/assets/*/*/*.zip")]
    blocks = {(status.st_dev, status.st_ino): status.st_blocks for status in found}
    return OnDisk(
        stacks=sum(1 for _ in (outdir / "stacks").iterdir()),
        files=len(found),
        apparent=sum(status.st_size for status in found),
        taken=sum(blocks.values()) * BYTES_A_BLOCK,
    )


def disk_line(found: OnDisk) -> str:
    """Return the sentence that says so."""
    apparent, taken = (amount / BYTES_A_MEGABYTE for amount in (found.apparent, found.taken))
    return (
        f"In `cdktf.out` {found.stacks:,} stacks have {found.files:,} packages of {apparent:,.1f} MB in all, "
        f"which take\n{taken:,.1f} MB on disk."
    )


def functions(runs: int) -> str:
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
    return "\n".join(lines)
