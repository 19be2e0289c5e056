"""Runs tests again and again in one process: cdktf stays loaded, and our own modules are imported anew each time.

One request per line of standard input, `{"tests": [...], "options": [...], "seconds": 120}`; one answer per line, with
pytest's exit code and the file of the first test that failed. A run that computes for longer ends the process, by
SIGPROF, without an answer.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
from typing import Final

import synthesis.jsii  # noqa: F401 (first: it prepares the process for cdktf)

# isort: split
import pytest

OURS: Final = (
    "bundling",
    "config",
    "constructs.common",
    "constructs.delivery",
    "constructs.fargate",
    "constructs.platform",
    "constructs.silo",
    "main",
    "policies",
    "stacks",
    "tenancy",
    "tests",
)
"""What is imported anew. The library `constructs` is not ours, and cdktf holds on to it."""


def forget(prefixes: tuple[str, ...] = OURS) -> None:
    """Have the next import of our modules read their files."""
    for name in list(sys.modules):
        if any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes):
            del sys.modules[name]


class FirstFailure:
    """Remembers where the first failure was.

    Attributes:
        file: of the test that failed, relative to the tree; empty where none did.
    """

    def __init__(self) -> None:
        """Begin without a failure."""
        self.file = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look at what a test, or its setup, ended with."""
        self._look(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Look at what the import of a file ended with."""
        self._look(report)

    def _look(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed and not self.file:
            self.file = report.nodeid.partition("::")[0]


def main() -> None:
    """Answer requests until there are no more."""
    # A mutant may have the size and the second of the one before it: its bytecode would be taken for its own.
    sys.dont_write_bytecode = True
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    for line in sys.stdin:
        request = json.loads(line)
        # On a busy machine a run takes long, and computes no more.
        signal.setitimer(signal.ITIMER_PROF, request["seconds"])
        forget()
        arguments = ["-q", "-x", "--no-header", "-p", "no:cacheprovider", "-p", "no:xdist"]
        # Plugins were imported by the run before.
        arguments += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
        output = io.StringIO()
        failure = FirstFailure()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(output):
            code = int(pytest.main([*arguments, *request["options"], *request["tests"]], plugins=[failure]))
        answers.write(
            json.dumps({"code": code, "failed": failure.file, "output": output.getvalue()[-2000:]}) + "\n"
        )
        answers.flush()


if __name__ == "__main__":
    main()
