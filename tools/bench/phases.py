"""Where the time of one synthesis goes: `python -m tools.bench.phases` runs the app and prints its phases as JSON.

Each phase has its seconds, how many of them Python waited for the engine's Node.js, and how many messages it sent.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil

STARTED = time.time() - psutil.Process().create_time()


class Stopwatch:
    """Divides the time since the process started into phases."""

    def __init__(self) -> None:
        self._last = time.perf_counter()
        self._waited, self._messages = 0.0, 0
        self.phases = [{"phase": "Python starts", "seconds": STARTED, "waiting": 0.0, "messages": 0}]

    def lap(self, phase: str) -> None:
        """End a phase."""
        now = time.perf_counter()
        self.phases.append(
            {
                "phase": phase,
                "seconds": now - self._last,
                "waiting": self._waited,
                "messages": self._messages,
            }
        )
        self._last, self._waited, self._messages = now, 0.0, 0

    def watching(self, read: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return `read`, which waits for the engine's answer, with its time taken."""

        def watched(process: Any) -> Any:  # noqa: ANN401 (jsii's own)
            started = time.perf_counter()
            try:
                return read(process)
            finally:
                self._waited += time.perf_counter() - started
                self._messages += 1

        return watched


def main() -> None:
    """Synthesize as `main.py` does, in one process, phase by phase."""
    watch = Stopwatch()
    importlib.import_module("synthesis.jsii")
    loading = importlib.import_module("config.loading")
    resolution = importlib.import_module("tenancy.resolution")
    watch.lap("settings and registry: imports")
    process = importlib.import_module("jsii._kernel.providers.process")
    process._NodeProcess._next_message = watch.watching(process._NodeProcess._next_message)  # noqa: SLF001
    importlib.import_module("cdktf")
    watch.lap("jsii and cdktf: imports, Node.js starts")
    importlib.import_module("cdktf_cdktf_provider_aws._jsii")
    watch.lap("the provider's bindings are loaded")
    app = importlib.import_module("stacks.app")
    watch.lap("stacks and constructs: imports")
    settings, registry = loading.load(os.environ, root=Path(__file__).resolve().parents[2])
    fleet = resolution.resolve(settings, registry)
    watch.lap("the registry is read, checked and resolved")
    built = app.FleetApp(fleet, outdir=os.environ["CDKTF_OUTDIR"])
    watch.lap("constructs are created")
    built.synth()
    watch.lap("cdktf writes the JSON, and the packages are linked")
    json.dump(watch.phases, sys.stdout)


if __name__ == "__main__":
    main()
