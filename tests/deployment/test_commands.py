"""The README's commands, whole: the demo, and the cdktf command line on the same local AWS."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator import server
from emulator.demo.commands import environment_of
from emulator.demo.folder import Folder
from emulator.processes import is_alive
from emulator.server import REPOSITORY
from tests.deployment.callers import wait_for
from tests.guards import GUARD_SECONDS

pytestmark = pytest.mark.deployment

SHOWN, OTHER = "tenant-tech-startup-test", "tenant-retail-co-test"
MIRROR = "--skip-provider-lock"
"""Needed where the provider comes from a mirror only."""


def run_demo(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "emulator.demo", *arguments],
        cwd=REPOSITORY,
        env=os.environ | {"ENVIRONMENT_SUFFIX": "test"},
        capture_output=True,
        text=True,
        timeout=GUARD_SECONDS,
        check=False,
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Folder]:
    where = Folder(tmp_path_factory.mktemp("demo") / "demo")
    yield where
    # Whatever a failed test has left.
    run_demo("down", f"--folder={where.path}")


@pytest.fixture(scope="module")
def shown(folder: Folder) -> str:
    """What `up` prints."""
    found = run_demo("up", SHOWN, f"--folder={folder.path}")
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


@pytest.fixture(scope="module")
def endpoint(folder: Folder, shown: str) -> str:
    port = json.loads(folder.process.read_text())["port"]
    return f"http://{server.HOST}:{port}"


def test_the_demo_deploys_a_stack_and_calls_its_api(shown: str) -> None:
    assert re.search(r"tenant-endpoint-tech-startup-test = https://\w+\.execute-api", shown), shown
    assert re.search(r"\n    200 \{.*\"tenant_id\": ?\"tech-startup\"", shown), shown
    assert "1 stacks deployed in" in shown


def test_the_command_that_it_shows_works(shown: str) -> None:
    found = re.search(r"curl -H .*", shown)
    assert found
    answer = subprocess.run(
        ["bash", "-c", f"{found[0]} --silent --fail"],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        timeout=GUARD_SECONDS,
        check=True,
    )
    assert json.loads(answer.stdout)["tenant_id"] == "tech-startup"


@pytest.fixture(scope="module")
def environment(folder: Folder, endpoint: str) -> dict[str, str]:
    return environment_of(folder, endpoint) | {"ENVIRONMENT_SUFFIX": "test"}


def cdktf(environment: dict[str, str], folder: Folder, *arguments: str) -> str:
    """Run the cdktf command line as the README shows it, with an output folder of its own."""
    found = subprocess.run(
        ["cdktf", *arguments, f"--output={folder.path / 'native'}"],
        cwd=REPOSITORY,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=GUARD_SECONDS,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stdout


def test_cdktf_lists_synthesizes_and_compares(environment: dict[str, str], folder: Folder) -> None:
    assert {SHOWN, OTHER} <= set(re.findall(r"[\w-]+-test", cdktf(environment, folder, "list")))
    assert "Generated Terraform code for the stacks" in cdktf(environment, folder, "synth")
    # The demo's state is the one that cdktf finds: nothing is left to do.
    assert "No changes" in cdktf(environment, folder, "diff", SHOWN, MIRROR)
    assert re.search(
        r"Plan: \d+ to add, 0 to change, 0 to destroy", cdktf(environment, folder, "diff", OTHER, MIRROR)
    )


def test_cdktf_deploys_and_destroys_one_stack(environment: dict[str, str], folder: Folder) -> None:
    """The stack gets another tag in place, and goes."""
    changed = environment | {"TEAM": "another"}
    deployed = cdktf(changed, folder, "deploy", SHOWN, "--auto-approve", MIRROR)
    assert re.search(r"Plan: 0 to add, \d+ to change, 0 to destroy", deployed)
    assert "bucket-name-tech-startup-test" in deployed
    cdktf(changed, folder, "destroy", SHOWN, "--auto-approve", MIRROR)
    assert json.loads((folder.state / f"{SHOWN}.tfstate").read_text())["resources"] == []
    assert not (folder.state / f"{OTHER}.tfstate").exists()


def test_down_takes_it_all_away(folder: Folder, shown: str) -> None:
    process = json.loads(folder.process.read_text())["pid"]
    found = run_demo("down", f"--folder={folder.path}")
    assert found.returncode == 0, found.stdout + found.stderr
    assert found.stdout.endswith("The demo is gone.\n")
    assert wait_for(lambda: not is_alive(process))
    assert not folder.path.exists()
    assert list(Path(folder.path.parent).iterdir()) == []
