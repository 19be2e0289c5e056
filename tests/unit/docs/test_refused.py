"""The table of what only AWS refused: each row has its commit, tests that are there, and a refusal or a reason."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from pathlib import Path

import pytest

from emulator import refusals, shims

ROOT = Path(__file__).resolve().parents[3]
HEADING = "### What only AWS refused"
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")
NAME = re.compile(r"`([a-z_0-9]+)`")


@cache
def rows() -> dict[int, list[str]]:
    """The cells of each row, by its number."""
    section = (ROOT / "emulator" / "README.md").read_text().partition(HEADING)[2].partition("\n### ")[0]
    lines = [line for line in section.splitlines() if re.match(r"\| [0-9]+ \|", line)]
    return {int(line.split("|")[1]): [cell.strip() for cell in line.split("|")[2:-1]] for line in lines}


def git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


def test_no_row_is_missing() -> None:
    assert list(rows()) == list(range(1, 16))


@pytest.mark.parametrize("number", range(1, 16))
def test_each_row_names_what_holds_it(number: int) -> None:
    fault, commit, tests, refused, kind = rows()[number]
    assert fault
    assert kind
    assert TEST.search(tests)
    for file, name in TEST.findall(f"{tests} {kind}"):
        text = (ROOT / "tests" / file).read_text()
        assert re.search(rf"^def {name}\(", text, re.MULTILINE), f"{file}::{name}"
    named = set(NAME.findall(refused))
    assert named <= {*refusals.names(), *shims.names()}
    # Without a refusal, a reason.
    assert named or len(refused.split()) > 3, refused
    assert re.fullmatch(r"`[0-9a-f]{7}`", commit)


@pytest.mark.parametrize("number", range(1, 16))
def test_each_commit_is_an_ancestor(number: int) -> None:
    if git("rev-parse", "--is-shallow-repository").stdout.strip() != "false":
        pytest.skip("the history is not here")
    assert git("merge-base", "--is-ancestor", rows()[number][1].strip("`"), "HEAD").returncode == 0
