"""Whole processes, measured from outside: how long they take and how much memory they and their children hold."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from config.settings import VARIABLE_NAMES
from progress.showing import OFF, working

ROOT = Path(__file__).resolve().parent.parent.parent
BYTES_A_MEGABYTE = 1024 * 1024
SAMPLE_SECONDS = 0.05
LEFT_OUT = {
    "EAGER_BINDINGS",
    "NODE_OPTIONS",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONPYCACHEPREFIX",
    *VARIABLE_NAMES,
}
"""Variables of this process that would change what is measured."""
APP = (sys.executable, "main.py")
"""What `cdktf synth` runs (`cdktf.json`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """One command, measured.

    Attributes:
        seconds: median of the runs, whole process.
        megabytes: peak of resident memory, the processes that it starts included; the largest of the runs.
    """

    seconds: float
    megabytes: float


def environment(variables: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a measured process: this one's, less what is left out, and `variables`.

    Stacks of earlier runs are not used, unless `variables` say so.
    """
    inherited = {name: value for name, value in os.environ.items() if name not in LEFT_OUT}
    return {**inherited, **OFF, "SYNTH_CACHE": "off", **variables}


def measure(
    command: Sequence[str], variables: Mapping[str, str], runs: int, *, accepted: Sequence[int] = (0,)
) -> Measurement:
    """Run `command` `runs` times in the repository's root; whoever wants warm caches has run it before.

    Raises:
        SystemExit: the command ended with a code that is not `accepted`.
    """
    seconds, megabytes = [], [0.0]
    for run in range(1, runs + 1):
        started = time.perf_counter()
        with (
            working(f"measuring {' '.join(command[1:])}, run {run} of {runs}"),
            subprocess.Popen(
                command, cwd=ROOT, env=environment(variables), stdout=subprocess.DEVNULL
            ) as process,
        ):
            watcher = threading.Thread(target=_watch, args=(process.pid, megabytes))
            watcher.start()
            code = process.wait()
            seconds.append(time.perf_counter() - started)
            watcher.join()
        if code not in accepted:
            raise SystemExit(f"bench: {' '.join(command)} ended with exit code {code}")
    return Measurement(seconds=statistics.median(seconds), megabytes=max(megabytes))


def _watch(pid: int, megabytes: list[float]) -> None:
    """Append the resident memory of the process and its children until it ends."""
    while True:
        try:
            parent = psutil.Process(pid)
            family = [parent, *parent.children(recursive=True)]
        except psutil.Error:
            return
        resident = 0
        for one in family:
            try:
                resident += one.memory_info().rss
            except psutil.Error:
                continue  # it ended between the two questions
        megabytes.append(resident / BYTES_A_MEGABYTE)
        time.sleep(SAMPLE_SECONDS)
