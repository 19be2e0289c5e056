"""The functions' packages: their size, and what a cold start pays for their imports."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys

import synthesis.jsii  # noqa: F401 (before `constructs`, whose library starts Node.js)

# isort: split
from bundling.function_package import SOURCES, VENDORED, package
from tools.bench.processes import BYTES_A_MEGABYTE


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
