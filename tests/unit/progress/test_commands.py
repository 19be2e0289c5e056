"""Each command that can take longer than a few seconds shows what it does: on a terminal, with `NO_COLOR`, in a log.

What takes long is replaced by something that has the timer ring once.
"""

from __future__ import annotations

import importlib
import os
import pty
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from progress.showing import ERASED
from terraform.errors import TerraformError
from tests.commands import among, commands
from tests.screens import read_all

LINE = re.compile(r"[^\n\x1b]+: ([\d,]+ of [\d,]+, )?\d+ s")


class Rung(BaseException):
    """The timer has rung. Not an `Exception`: no command may catch it."""


def ring(*_: object, **__: object) -> Any:
    signal.raise_signal(signal.SIGALRM)
    raise Rung


def missing(*_: object) -> None:
    raise TerraformError("there is none")


@dataclass(frozen=True)
class Row:
    """A command.

    Attributes:
        command: a module and its arguments; `{here}` is a folder of the test's own.
        takes_long: what is replaced, as `module.name`.
        instead: what else is replaced, by what.
    """

    command: str
    takes_long: str
    instead: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.command


RELEASE = SimpleNamespace(digest="0" * 64, name="0" * 12, manifest=SimpleNamespace(concurrency=1))
OPENED = {
    "fleet.rollout.commands.opened": lambda *_, **__: RELEASE,
    "fleet.rollout.commands.asked": lambda *_: "go",
}
TABLE = (
    Row("main", "main.synthesize_those_that_changed"),
    Row("isolation {here}", "isolation.__main__.prove"),
    Row("tools.scan", "tools.scan.__main__.synthesize_both"),
    Row(
        "tools.scan",
        "tools.scan.__main__.scan",
        {"tools.scan.__main__.synthesize_both": list},
    ),
    Row("fleet quota --json", "fleet.quota.budget"),
    Row("fleet cost --json", "fleet.cost.cost"),
    Row("fleet page --json", "fleet.page.page"),
    Row("fleet diff HEAD --json", "fleet.diff.workplace"),
    Row("fleet release --json", "fleet.release.command.make_release"),
    Row("fleet publish --json", "fleet.publish.publish"),
    Row("fleet worker release stack --json", "fleet.rollout.worker.run"),
    Row("fleet drift --json", "fleet.rollout.drift.Search.run"),
    Row("fleet start release", "fleet.rollout.commands.go_on", OPENED),
    Row("fleet retry release --json", "fleet.rollout.commands.go_on", OPENED),
    Row(
        "fleet resume release --json",
        "fleet.rollout.commands.go_on",
        {**OPENED, "fleet.rollout.commands.asked": lambda *_: "pause"},
    ),
    Row(
        "fleet retire tenant --json --folder {here}/rollouts",
        "fleet.retirement.engine.RetirementEngine.run",
        {
            "fleet.retirement.commands.begun": lambda *_: (
                SimpleNamespace(tenant="tenant", stacks={}, receipts="{here}"),
                RELEASE,
            )
        },
    ),
    Row("preflight --json {here}", "preflight.__main__.read_stacks"),
    Row("bundling.vendoring", "bundling.vendoring.vendor"),
    Row("tools.scan.environment", "tools.scan.environment.install"),
    Row("tools.site.environment", "tools.site.environment.install"),
    Row(
        "tools.site",
        "tools.site.__main__.subprocess.run",
        {
            "tools.site.__main__.PYTHON": Path(sys.executable),
            "tools.site.__main__.stage": lambda *_, **__: None,
        },
    ),
    Row(
        "terraform.download", "terraform.download.download", {"terraform.download.find_installation": missing}
    ),
    Row("emulator.demo up --folder {here}/demo", "emulator.demo.up.start_emulator"),
    Row(
        "tools.demo_fleet",
        "tools.demo_fleet.Emulator",
        {"tools.demo_fleet.FOLDER": Path("{here}") / "fleet"},
    ),
    Row("tools.compare HEAD", "tools.compare.__main__.compare"),
    Row("tools.picture --page README.md", "tools.picture.picture"),
    Row("tools.fuzz --registries 7", "tools.fuzz.__main__.registry_case"),
    Row(
        "tools.mutate",
        "tools.mutate.__main__.groupby",
        {
            "tools.mutate.__main__.Tree": lambda _: SimpleNamespace(
                check=lambda _: None, close=lambda: None, notices=lambda *_: True
            ),
            "tools.mutate.__main__.mutants": lambda _: [],
        },
    ),
    Row("tools.bench", "tools.bench.__main__.page", {"tools.bench.__main__.doctor.main": lambda _: 0}),
    Row("tools.successor terrain", "tools.successor.__main__.workplace"),
    Row("tools.provider_schema", "tools.provider_schema.read_from_provider"),
)

PRINTS = {
    "emulator.demo": "`down` prints a line for each stack that is destroyed",
    "restoration objects": "a line for each object",
    "restoration copies": "a line for each object",
    "restoration items": "a line for each item",
    "tools.test_aws": "a line for each step",
    "tools.lock": "pipenv shows its own",
    "pytest": "shows its own",
    "pip": "shows its own",
}
"""What says line by line on standard output what it has done, or is not ours."""
SHORT = {
    "fleet allocate",
    "fleet plan",
    "fleet status",
    "fleet pause",
    "fleet abort",
    "fleet receipts",
    "deployer",
    "rotation",
    "tools.doctor",
    "tools.imports",
    "tools.reference",
    "tools.schema",
    "tools.vocabulary",
}
"""What reads and writes a few files, or makes a few calls of AWS."""


def test_every_command_shows_progress_or_prints_or_is_short() -> None:
    rows = {row.command for row in TABLE}
    listed = {command for command in commands() if among(command, rows)}
    assert commands() - listed - PRINTS.keys() - SHORT == set()
    assert not listed & SHORT
    assert {*PRINTS, *SHORT} <= commands()


@pytest.fixture
def command(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Row]:
    row: Row = request.param
    for name in (
        "NO_COLOR",
        "TENANT_REGISTRY",
        "ENVIRONMENT_SUFFIX",
        "PROFILE",
        "STACKS",
        "CDKTF_CONTEXT_JSON",
    ):
        monkeypatch.delenv(name, raising=False)
    for name in ("REDRAWN_SECONDS", "FIRST_SECONDS", "EVERY_SECONDS"):
        # The timer does not ring by itself.
        monkeypatch.setattr(f"progress.showing.{name}", 3600.0)
    monkeypatch.setenv("PROGRESS", "")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("CDKTF_OUTDIR", str(tmp_path / "cdktf.out"))
    for target, value in row.instead.items():
        monkeypatch.setattr(
            target, Path(str(value).format(here=tmp_path)) if target.endswith("FOLDER") else value
        )
    monkeypatch.setattr(row.takes_long, ring)
    # Whoever shows no progress would be ended by the signal, and the tests with it.
    before = signal.signal(signal.SIGALRM, lambda *_: None)
    yield row
    signal.signal(signal.SIGALRM, before)


def run(row: Row, here: Path) -> None:
    """Run the command until what takes long would begin."""
    module, *arguments = row.command.format(here=here).split()
    try:
        loaded: Any = importlib.import_module(f"{module}.__main__")
    except ModuleNotFoundError:
        loaded = importlib.import_module(module)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "argv", [module, *arguments])
        with pytest.raises(Rung):
            loaded.main()


def shown(row: Row, here: Path, reading: int, writing: int) -> str:
    """Run the command with standard error in `writing`, and return what comes out of `reading`."""
    with os.fdopen(writing, "w") as stream, os.fdopen(reading), pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stderr", stream)
        run(row, here)
        return read_all(reading, stream)


BY_COMMAND = pytest.mark.parametrize("command", TABLE, ids=str, indirect=True)


@BY_COMMAND
def test_on_a_terminal_it_is_one_line_that_is_gone_in_the_end(
    command: Row, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    written = shown(command, tmp_path, *pty.openpty())
    assert re.fullmatch(f"{re.escape(ERASED)}{LINE.pattern}{re.escape(ERASED)}", written), repr(written)
    assert not LINE.search(capsys.readouterr().out)


@BY_COMMAND
def test_in_a_log_it_is_a_plain_line(
    command: Row, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    written = shown(command, tmp_path, *os.pipe())
    assert re.fullmatch(rf"{LINE.pattern}\n", written), repr(written)
    assert not LINE.search(capsys.readouterr().out)


@BY_COMMAND
def test_without_colours_a_terminal_has_plain_lines(
    command: Row, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    written = shown(command, tmp_path, *pty.openpty())
    assert re.fullmatch(rf"{LINE.pattern}\r\n", written), repr(written)
