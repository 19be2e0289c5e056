"""What a command shows while it works, on a terminal and elsewhere."""

from __future__ import annotations

import contextlib
import io
import os
import pty
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import TextIO

import pytest

from progress.showing import ERASED, OFF, Style, style, working
from tests.screens import read_all


@pytest.fixture(autouse=True)
def _clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """No second passes, and the timer does not ring by itself."""
    monkeypatch.setattr("progress.showing.time", SimpleNamespace(monotonic=lambda: 0.0))
    for name in ("REDRAWN_SECONDS", "FIRST_SECONDS", "EVERY_SECONDS"):
        monkeypatch.setattr(f"progress.showing.{name}", 3600.0)


@pytest.fixture
def terminal() -> Iterator[tuple[TextIO, int]]:
    """A terminal, and the descriptor that reads what is written to it."""
    reading, writing = pty.openpty()
    with os.fdopen(writing, "w") as stream:
        yield stream, reading
    os.close(reading)


def test_a_terminal_and_nothing_else_is_drawn_on(terminal: tuple[TextIO, int], tmp_path: Path) -> None:
    stream, _ = terminal
    assert style(stream, {"TERM": "xterm"}) is Style.TERMINAL
    assert style(stream, {"TERM": "xterm", "NO_COLOR": ""}) is Style.TERMINAL
    for variables in ({"TERM": "xterm", "NO_COLOR": "1"}, {"TERM": "dumb"}, {}):
        assert style(stream, variables) is Style.LINES
    with (tmp_path / "log").open("w") as log:
        assert style(log, {"TERM": "xterm"}) is Style.LINES
        assert style(log, OFF) is Style.NOTHING
    assert style(log, {"TERM": "xterm"}) is Style.NOTHING  # it is closed
    assert style(io.StringIO(), {"TERM": "xterm"}) is Style.NOTHING
    assert style(stream, {"TERM": "xterm", **OFF}) is Style.NOTHING


def test_what_the_command_prints_begins_a_line_of_its_own(
    terminal: tuple[TextIO, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stream, reading = terminal
    for name, value in {"TERM": "xterm", "PROGRESS": ""}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stderr", stream)
    with working("trying cases\x1b[31m", total=1200) as work:
        work.step(1100)
        signal.raise_signal(signal.SIGALRM)
        work.say("found one")
        work.say("found another")
        signal.raise_signal(signal.SIGALRM)
    line = "trying cases?[31m: 1,100 of 1,200, 0 s"
    assert read_all(reading, stream) == f"{ERASED}{line}{ERASED}{ERASED}{line}{ERASED}"
    assert capsys.readouterr().out == "found one\nfound another\n"


def test_a_line_is_no_wider_than_the_terminal(
    terminal: tuple[TextIO, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    stream, reading = terminal
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("PROGRESS", "")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stderr", stream)
    monkeypatch.setattr(os, "get_terminal_size", lambda _: os.terminal_size((20, 10)))
    with working("w" * 200):
        signal.raise_signal(signal.SIGALRM)
    assert read_all(reading, stream) == f"{ERASED}{'w' * 14}: 0 s{ERASED}"


def test_work_inside_of_work_takes_its_place_and_everything_is_as_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "log"
    monkeypatch.setenv("PROGRESS", "")
    before = signal.getsignal(signal.SIGALRM)
    with log.open("w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        with working("outer"):
            outer = signal.getitimer(signal.ITIMER_REAL)
            with contextlib.suppress(ValueError), working("inner"):
                signal.raise_signal(signal.SIGALRM)
                raise ValueError("it fails")
            signal.raise_signal(signal.SIGALRM)
            assert signal.getitimer(signal.ITIMER_REAL)[1] == outer[1] > 0
    assert log.read_text() == "inner: 0 s\nouter: 0 s\n"
    assert signal.getsignal(signal.SIGALRM) == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_timer_draws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROGRESS", "")
    monkeypatch.setattr("progress.showing.FIRST_SECONDS", 0.01)
    monkeypatch.setattr("progress.showing.EVERY_SECONDS", 0.01)
    log = tmp_path / "log"
    with log.open("w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        with working("waiting"):
            while not log.read_text():
                signal.pause()
    assert log.read_text().startswith("waiting: ")


def test_outside_of_the_main_thread_nothing_is_shown() -> None:
    found: list[object] = []

    def work() -> None:
        with working("beside"):
            found.append(signal.getitimer(signal.ITIMER_REAL))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [(0, 0)]


def test_a_stream_that_nobody_reads_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    monkeypatch.setenv("PROGRESS", "")
    with os.fdopen(writing, "w") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        with working("unread"):
            signal.raise_signal(signal.SIGALRM)
