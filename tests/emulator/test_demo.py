"""The demo's command line, as far as it needs no deployment: `.ci/run` deploys it whole."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import formats
from emulator.demo.commands import SUFFIX_EXPECTED, SUFFIX_FORM, synthesize
from emulator.demo.console import Progress
from emulator.demo.errors import DemoError
from emulator.demo.folder import Folder
from emulator.processes import is_alive
from emulator.server import REPOSITORY, Emulator
from tests.guards import GUARD_SECONDS


def run(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "emulator.demo", *arguments],
        cwd=REPOSITORY,
        env=os.environ | ({"PATH": path} if path is not None else {}),
        capture_output=True,
        text=True,
        timeout=GUARD_SECONDS,
        check=False,
    )


def test_a_missing_terraform_is_said_in_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    found = run("up", f"--folder={folder}", path=str(tmp_path))
    assert (found.returncode, found.stdout) == (2, "")
    assert found.stderr == "demo: Terraform >= 1.10 (or OpenTofu) is needed: neither is on PATH\n"
    assert not folder.exists()


def test_a_bad_registry_is_said_as_a_synthesis_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Folder(tmp_path / "demo")
    folder.path.mkdir()
    (tmp_path / "bad.yaml").write_text("created_at: yesterday\n")
    environment = {**os.environ, "TENANT_REGISTRY": str(tmp_path / "bad.yaml")}
    with pytest.raises(DemoError) as error:
        synthesize(folder, environment)
    first, *lines = str(error.value).splitlines()
    assert (error.value.code, first) == (2, "the stacks cannot be synthesized:")
    assert any("created_at: received 'yesterday', expected " in line for line in lines)
    assert all(" expected " in line for line in lines)
    assert lines[0] in folder.log.read_text()


def test_down_without_a_demo_says_so(tmp_path: Path) -> None:
    found = run("down", f"--folder={tmp_path / 'demo'}")
    assert (found.returncode, found.stdout, found.stderr) == (0, "There is no demo.\n", "")


def test_a_second_run_at_the_same_time_is_refused(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    with folder.lock.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = run("down", f"--folder={folder.path}")
    assert (found.returncode, found.stderr) == (2, "demo: another run of the demo is at work\n")


def test_down_stops_the_emulator_and_removes_the_folder(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    with Emulator(folder=folder.emulator_log.parent) as emulator:
        folder.process.write_text(json.dumps({"pid": emulator.pid, "port": emulator.port}))
        found = run("down", f"--folder={folder.path}")
        assert (found.returncode, found.stdout) == (0, "The demo is gone.\n")
        assert not is_alive(emulator.pid)
    assert not folder.path.exists()


def test_another_program_with_the_same_process_id_is_left_alone(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    folder.path.mkdir()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        folder.process.write_text(json.dumps({"pid": other.pid, "port": 1}))
        found = run("down", f"--folder={folder.path}")
        assert (found.returncode, found.stdout) == (0, "The demo is gone.\n")
        assert other.poll() is None
        other.terminate()


def test_progress_counts_what_terraform_finishes(capsys: pytest.CaptureFixture[str]) -> None:
    progress = Progress(started=0.0)
    progress.read("a  Plan: 2 to add, 0 to change, 1 to destroy.")
    progress.read("a  aws_vpc.vpc (network/vpc): Creation complete after 1s [id=vpc-1]")
    progress.read("a  aws_vpc.old: Destruction complete after 1s")
    progress.read("a  aws_subnet.a: Still creating... [10s elapsed]")
    progress.read("a  aws_subnet.a: Creation complete after 11s [id=subnet-1]")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("1 of 3 resources done")
    assert lines[-1].endswith("3 of 3 resources done")


def test_the_suffix_is_what_a_synthesis_expects() -> None:
    """The demo does not import it: the local AWS knows nothing of the infrastructure."""
    assert f"^{SUFFIX_FORM.pattern}$" == formats.ENVIRONMENT_SUFFIX
    assert SUFFIX_EXPECTED == formats.ENVIRONMENT_SUFFIX_EXPECTED
