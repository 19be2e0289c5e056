"""The commands over a fleet: what they are called, and that the help and the documents name each."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.__main__ import main
from tests.fleet.stacks import stack_of, written

ROOT = Path(__file__).resolve().parents[2]
TARGETS = ("quota", "cost", "allocate", "diff", "page", "publish", "release")
ROLLOUT = ("worker", "plan", "start", "status", "pause", "resume", "abort", "retry", "drift")
"""They take a release: the documents call them as `python -m fleet`."""
RETIREMENT = ("retire", "receipts")
COMMANDS = (*TARGETS, *ROLLOUT, *RETIREMENT)


def test_the_help_is_a_table_of_contents(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["--help"])
    said = capsys.readouterr().out
    assert tuple(re.findall(r"^    (\w+) {2,}\w", said, re.MULTILINE)) == COMMANDS
    assert "Exit code 0 where nothing is amiss" in said


@pytest.mark.parametrize("command", [*ROLLOUT, *RETIREMENT])
def test_each_command_of_a_rollout_or_a_retirement_has_a_page_and_json(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    assert "--json" in capsys.readouterr().out
    assert f"$ python -m fleet {command}" in (ROOT / "docs" / "fleet.md").read_text()


@pytest.mark.parametrize("command", TARGETS)
def test_each_command_has_a_target_a_page_and_json(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main([command, "--help"])
    assert "--json" in capsys.readouterr().out
    assert f"\n{command}: " in (ROOT / "Makefile").read_text()
    assert f"$ make {command}" in (ROOT / "docs" / "fleet.md").read_text()
    assert f"`make {command}" in (ROOT / "README.md").read_text()


@pytest.mark.parametrize("arguments", [[], ["nothing"], ["diff"], ["quota", "--unknown"], ["allocate"]])
def test_what_is_no_command_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert "usage: python -m fleet" in capsys.readouterr().err


def test_who_reads_no_further_is_no_error(tmp_path: Path) -> None:
    outdir = written(tmp_path, [stack_of("s", aws_kms_key=[{}])])
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "fleet", "cost", "--out", str(outdir)]
    done = subprocess.run(command, cwd=ROOT, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (1, "")
