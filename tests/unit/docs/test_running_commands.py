"""The documents' commands of make and Python, run as they are written in a fork; what is not run here has a reason."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from progress.showing import OFF
from tests.guards import GUARD_SECONDS
from tests.unit.docs.shell import documented
from tools.successor.workplace import copy

ROOT = Path(__file__).resolve().parents[3]
COMMANDS = {" ".join(command.words) for command in documented() if command.words[0] in {"make", "python"}}

FOUND = 2
"""The exit code of make where a command's own is not 0, such as 1 of `make diff`, which found something."""
RUN = {
    "make synth": 0,
    "make quota": 0,
    "make cost": 0,
    "make prove": 0,
    "make page": 0,
    "make deployer-policy ACCOUNT=123456789012 REGION=us-east-1 SUFFIX=dev STATE_BUCKET=my-terraform-state": 0,
    "make deployer-policy ACCOUNT=123456789012 REGION=us-east-1 SUFFIX=dev STATE_BUCKET=our-states "
    "PACKAGE_BUCKET=our-packages": 0,
    "make deployer-policy ACCOUNT=123456789012 REGION=eu-west-1 SUFFIX=prod STATE_BUCKET=our-states "
    "OUTPUT=build/deployer": 0,
    "make deployer-policy ACCOUNT=123456789012 REGION=us-east-1 SUFFIX=test": 0,
    "make release": 0,
    "make allocate TENANT=new-co": 0,
    "make allocate TENANT=new-co FARGATE=1": 0,
    "make diff BASE=HEAD": FOUND,
    "make demo-down": 0,
}
"""In the order in which they are run, with their exit codes."""
SAYS = {
    "make prove": r"^PROVED: 4 stacks, ",
    "make allocate TENANT=new-co": r"^tenants.yaml:\d+: new-co\n  network 10\.4\.0\.0/20; ",
    "make diff BASE=HEAD": r"^1 silo new: \d+ resources",
    "make demo-down": r"^There is no demo\.$",
}
NOT_RUN = {
    r"make (preflight|publish|drift)": "asks an AWS account",
    r"make roll-out RELEASE=\.\.\.": "deploys to an AWS account",
    r"make demo": "takes minutes; tests/deployment/test_commands.py runs it",
    r"make setup setup-terraform": "installs; a workflow begins with it",
    r"make (lint|test)": "takes minutes; a workflow runs it",
    r"make prove scan quota": "needs the scanners, which a workflow installs and runs",
    r"make diff BASE=(origin/)?main( .*)?": "needs the branch `main` of a clone; `BASE=HEAD` is run",
    r"make successor.*": "takes minutes and a package index; tests/unit/tools/test_successor.py runs its parts",
    r"python -m fleet (worker|plan|start) [0-9a-f]{8}.*": "names a release of its page's example",
    r"python -m fleet (retire|receipts) .*s3://.*": "asks an AWS account",
    r"python -m fleet drift": "asks an AWS account",
    r"python -m restoration .*": "asks an AWS account",
}
"""Patterns of what is not run here, and why."""


def test_every_command_is_run_or_has_a_reason() -> None:
    skipped = {command for command in COMMANDS if any(re.fullmatch(reason, command) for reason in NOT_RUN)}
    assert COMMANDS - RUN.keys() - skipped == set()
    assert RUN.keys() <= COMMANDS
    assert not skipped & RUN.keys()
    assert [
        reason for reason in NOT_RUN if not any(re.fullmatch(reason, command) for command in COMMANDS)
    ] == []


@pytest.fixture(scope="module")
def fork(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone that is set up: what `make setup` installs is this environment's."""
    folder = tmp_path_factory.mktemp("run") / "fork"
    copy(ROOT, folder)
    who = ("-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "core.hooksPath=/dev/null")
    for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message=Ours"]):
        subprocess.run(["git", *who, *command], cwd=folder, check=True)
    (folder / ".venv").symlink_to(sys.prefix)
    stamps = folder / "build" / "stamps"
    stamps.mkdir(parents=True, exist_ok=True)
    for name in ("python", "node", "lambda"):
        (stamps / name).touch()
    return folder


@pytest.fixture(scope="module")
def ran(fork: Path) -> dict[str, subprocess.CompletedProcess[str]]:
    """What each command did, one after the other."""
    kept = {
        name: os.environ[name]
        for name in ("HOME", "PATH", "TMPDIR", "TF_CLI_CONFIG_FILE")
        if name in os.environ
    }
    return {
        command: subprocess.run(
            command.split(),
            cwd=fork,
            env={**kept, **OFF},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=GUARD_SECONDS,
            check=False,
        )
        for command in RUN
    }


@pytest.mark.parametrize("command", RUN)
def test_a_command_does_what_it_says(command: str, ran: dict[str, subprocess.CompletedProcess[str]]) -> None:
    done = ran[command]
    assert done.returncode == RUN[command], done.stdout[-2000:] + done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    assert re.search(SAYS.get(command, ""), done.stdout, re.MULTILINE), done.stdout[-2000:]


def test_what_they_leave_is_where_the_documents_say(
    fork: Path, ran: dict[str, subprocess.CompletedProcess[str]]
) -> None:
    for file in ("build/fleet.html", "build/isolation.svg", "build/deployer/trust-policy-example.json"):
        assert (fork / file).is_file(), file
    assert any((fork / "build" / "releases").glob("*/manifest.json"))
