"""What the demo prints."""

import re
import sys
import time
from pathlib import Path
from typing import TextIO

from emulator.server import REPOSITORY

PROGRESS_SECONDS = 5.0
LOG_LINES = 25
ERROR = re.compile(r"(?:^|\s)Error: ")
FINISHED = re.compile(r": (?:Creation|Modifications|Destruction) complete after")
PLANNED = re.compile(r"Plan: (\d+) to add, (\d+) to change, (\d+) to destroy")


def say(text: str, stream: TextIO | None = None) -> None:
    """Print a line at once, to standard output by default."""
    stream = stream or sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


def shown(path: Path) -> str:
    """Write a path as the user sees it: relative to the repository where it is inside."""
    return str(path.relative_to(REPOSITORY)) if path.is_relative_to(REPOSITORY) else str(path)


def first_error(output: str) -> list[str]:
    """Return the lines of Terraform's first error, or the last lines where there is none.

    The other stacks and resources go on after one has failed, so the reason is rarely at the end.
    """
    lines = output.strip().splitlines()
    first = next((i for i, line in enumerate(lines) if ERROR.search(line)), -LOG_LINES)
    return lines[first:][:LOG_LINES]


class Progress:
    """What has been done so far, one line every few seconds, from what cdktf prints."""

    def __init__(self, started: float) -> None:
        self._started = started
        self._shown_at = 0.0
        self._done = 0
        self._planned = 0

    def read(self, line: str) -> None:
        """Take a line of cdktf's output into account."""
        if plan := PLANNED.search(line):
            self._planned += sum(map(int, plan.groups()))
        if FINISHED.search(line):
            self._done += 1
            if self._done == self._planned or time.monotonic() - self._shown_at >= PROGRESS_SECONDS:
                self.show()

    def show(self) -> None:
        """Print the line."""
        self._shown_at = time.monotonic()
        seconds = self._shown_at - self._started
        say(f"  {seconds:4.0f} s  {self._done} of {self._planned} resources done")
