"""Shows on standard error what a command is doing, where it takes longer than a few seconds.

On a terminal that is one line, drawn again every second and gone in the end. Elsewhere, and where `NO_COLOR` is set
(https://no-color.org), it is plain lines, as a log keeps them. Standard output has the command's result alone, so that
`--json` can be read by a program. `PROGRESS=0` turns it off, for whoever reads standard error.

A timer's signal draws, not a thread: the prover forks, which a process with threads must not.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Final, TextIO

VARIABLE: Final = "PROGRESS"
OFF: Final[Mapping[str, str]] = {VARIABLE: "0"}
"""For the environment of a command whose standard error is read."""
REDRAWN_SECONDS: Final = 1.0
FIRST_SECONDS: Final = 5.0
"""After which there is a plain line."""
EVERY_SECONDS: Final = 30.0
"""Between one plain line and the next."""
COLUMNS: Final = 80
"""Of a terminal that does not say."""
ERASED: Final = "\r\x1b[2K"
"""Returns to the beginning of the line and erases it (ECMA-48, EL)."""


class Style(Enum):
    """How progress is shown."""

    NOTHING = "nothing"
    LINES = "lines"
    TERMINAL = "terminal"


def style(stream: TextIO, variables: Mapping[str, str]) -> Style:
    """Return how progress is shown on `stream` in the environment `variables`."""
    if variables.get(VARIABLE) == "0":
        return Style.NOTHING
    try:
        terminal = os.isatty(stream.fileno())
    except (OSError, ValueError):
        # No file of the system's, or a closed one.
        return Style.NOTHING
    plain = bool(variables.get("NO_COLOR")) or variables.get("TERM", "dumb") == "dumb"
    return Style.TERMINAL if terminal and not plain else Style.LINES


class Work:
    """What a command is doing.

    Attributes:
        what: such as `proving 50 stacks`.
        total: how many steps it has; `None` where nobody knows.
        done: steps that are done.
    """

    def __init__(self, what: str, total: int | None, stream: TextIO, shown: Style) -> None:
        self.what, self.total, self.done = what, total, 0
        self._stream, self._style = stream, shown
        self._began, self._drawn = time.monotonic(), False

    def step(self, number: int = 1) -> None:
        """Take `number` more steps as done."""
        self.done += number

    def say(self, text: str, stream: TextIO | None = None) -> None:
        """Print a line of the command's own, by default to standard output, where the progress may be on screen."""
        self.erase()
        print(text, file=stream or sys.stdout, flush=True)

    def above(self, told: Callable[[str], None]) -> Callable[[str], None]:
        """Return what calls `told` with the same text, with no progress on screen."""

        def tell(text: str) -> None:
            self.erase()
            told(text)

        return tell

    def draw(self) -> None:
        """Show where it is now."""
        steps = "" if self.total is None else f"{self.done:,} of {self.total:,}, "
        ending = f": {steps}{time.monotonic() - self._began:.0f} s"
        what = "".join(character if character.isprintable() else "?" for character in self.what)
        if self._style is Style.TERMINAL:
            # A line that is wrapped cannot be erased.
            room = max(self._columns() - 1 - len(ending), 0)
            self._write(f"{ERASED}{what[:room]}{ending}")
            self._drawn = True
        elif self._style is Style.LINES:
            self._write(f"{what}{ending}\n")

    def erase(self) -> None:
        """Remove from the screen what was drawn."""
        if self._drawn:
            self._write(ERASED)
            self._drawn = False

    def _columns(self) -> int:
        with contextlib.suppress(OSError):
            return os.get_terminal_size(self._stream.fileno()).columns or COLUMNS
        return COLUMNS

    def _write(self, text: str) -> None:
        # Past Python's buffers, which the code that the signal interrupts may be writing to.
        with contextlib.suppress(OSError, ValueError):
            encoding = self._stream.encoding or "utf-8"
            os.write(self._stream.fileno(), text.encode(encoding, "backslashreplace"))


@contextlib.contextmanager
def working(what: str, *, total: int | None = None) -> Iterator[Work]:
    """Show on standard error that the command does `what`, until it is done or fails.

    Work inside of other work takes its place while it lasts. Outside of the main thread nothing is shown.

    Args:
        what: such as `proving 50 stacks`.
        total: how many steps it has, if that is known; `Work.step` says that one is done.
    """
    shown = style(sys.stderr, os.environ)
    work = Work(what, total, sys.stderr, shown)
    if shown is Style.NOTHING or threading.current_thread() is not threading.main_thread():
        yield work
        return
    first, every = (REDRAWN_SECONDS,) * 2 if shown is Style.TERMINAL else (FIRST_SECONDS, EVERY_SECONDS)
    handler = signal.signal(signal.SIGALRM, lambda *_: work.draw())
    timer = signal.setitimer(signal.ITIMER_REAL, first, every)
    try:
        yield work
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, *timer)
        work.erase()
