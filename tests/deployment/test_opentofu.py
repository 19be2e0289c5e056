"""A machine that has OpenTofu and no Terraform.

OpenTofu cannot be had everywhere that the tests run. What stands in for it is a program of its name on a PATH without
`terraform`, which says OpenTofu's version and does the rest with this machine's Terraform.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from emulator.demo.folder import Folder
from emulator.server import REPOSITORY
from terraform import binary
from terraform.binary import find_installation
from terraform.errors import TerraformError
from terraform.runner import Terraform
from tests.fleet.rollouts import Rollouts, text_stack
from tests.guards import GUARD_SECONDS

pytestmark = pytest.mark.deployment

STACK = "tenant-tech-startup-test"
TOFU = """\
#!/bin/sh
echo "$@" >> '{log}'
case "$*" in
  "version -json") echo '{{"terraform_version": "1.10.0", "platform": "linux_amd64"}}' ;;
  version) echo "OpenTofu v1.10.0" ;;
  *) exec '{terraform}' "$@" ;;
esac
"""


def without_terraform(path: str) -> str:
    """Return `path` without the folders that have a Terraform."""
    return os.pathsep.join(
        folder for folder in path.split(os.pathsep) if not shutil.which("terraform", path=folder)
    )


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a machine whose provider comes from where the user's own configuration says."""
    folder = tmp_path_factory.mktemp("machine")
    real = find_installation()
    log, tofu = folder / "tofu.log", folder / "bin" / "tofu"
    tofu.parent.mkdir()
    tofu.write_text(TOFU.format(log=log, terraform=real.binary))
    tofu.chmod(0o755)
    with Terraform({}, folder=folder) as terraform:
        # Where the user has a configuration, none is written.
        users = os.environ.get("TF_CLI_CONFIG_FILE") or str(Path.home() / ".terraformrc")
        configuration = terraform.environment.get("TF_CLI_CONFIG_FILE", users)
    path = os.pathsep.join([str(tofu.parent), without_terraform(os.environ["PATH"])])
    return {
        **os.environ,
        "PATH": path,
        "ENVIRONMENT_SUFFIX": "test",
        "TF_CLI_CONFIG_FILE": configuration,
        "TOFU_LOG": str(log),
    }


@pytest.fixture
def here(machine: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, str]]:
    """The same, in this process."""
    for name in ("PATH", "TF_CLI_CONFIG_FILE"):
        monkeypatch.setenv(name, machine[name])
    monkeypatch.setattr(binary, "DOWNLOADED", Path(machine["TOFU_LOG"]).parent / "nothing")
    binary.find_installation.cache_clear()
    yield machine
    binary.find_installation.cache_clear()


def run(machine: dict[str, str], module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", module, *arguments],
        cwd=REPOSITORY,
        env=machine,
        capture_output=True,
        text=True,
        timeout=GUARD_SECONDS,
        check=False,
    )


def test_nothing_is_named_terraform(machine: dict[str, str]) -> None:
    assert shutil.which("terraform", path=machine["PATH"]) is None
    assert shutil.which("tofu", path=machine["PATH"])


def test_nothing_is_downloaded(machine: dict[str, str]) -> None:
    found = run(machine, "terraform.download")
    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


def test_the_demo_deploys_and_destroys_a_stack(machine: dict[str, str], tmp_path: Path) -> None:
    folder = Folder(tmp_path / "demo")
    log = Path(machine["TOFU_LOG"])
    try:
        found = run(machine, "emulator.demo", "up", STACK, f"--folder={folder.path}")
        assert found.returncode == 0, found.stdout + found.stderr
        assert "1 stacks deployed in" in found.stdout
        assert any(line.startswith("apply ") for line in log.read_text().splitlines())
    finally:
        down = run(machine, "emulator.demo", "down", f"--folder={folder.path}")
    assert (down.returncode, down.stderr) == (0, "")
    assert any(line.startswith("destroy ") for line in log.read_text().splitlines())


def test_a_worker_gives_a_stack_its_release(here: dict[str, str], tmp_path: Path) -> None:
    rollouts = Rollouts(path=tmp_path)
    release = rollouts.release({"tenant-a-test": text_stack("one")})
    assert rollouts.work(release, "tenant-a-test").outcome == "succeeded"
    state = json.loads((tmp_path / "state" / "tenant-a-test.tfstate").read_text())
    assert [resource["type"] for resource in state["resources"]] == ["terraform_data"]


def test_a_root_is_validated_and_a_failure_names_the_program(here: dict[str, str], tmp_path: Path) -> None:
    with Terraform({}) as tofu:
        assert tofu.installation.name == "tofu"
        root = tofu.root(tmp_path)
        (tmp_path / "root.tf.json").write_text('{"output": {"bad": {"value": "${nothing.at_all}"}}}')
        root.init()
        assert [error.summary for error in root.validate().errors] == ["Reference to undeclared resource"]
        with pytest.raises(TerraformError, match=r"^tofu plan in .* failed:"):
            root.plan()
