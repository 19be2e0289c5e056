"""The lock file of a stack, against the provider of this machine."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from synthesis.provider_lock import LOCK_FILE, lock_text
from tenancy.versions import AWS_PROVIDER, AWS_PROVIDER_HASHES
from terraform.binary import find_installation
from terraform.configuration import cli_environment

pytestmark = pytest.mark.deployment
PROVIDER = {"terraform": {"required_providers": {"aws": {"source": "aws", "version": AWS_PROVIDER}}}}


def init(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Run `terraform init` in a root with the provider that the stacks require."""
    (folder / "cdk.tf.json").write_text(json.dumps(PROVIDER))
    installation = find_installation()
    environment = {**os.environ, **cli_environment(installation, folder / "configuration")}
    command = [str(installation.binary), "init", "-no-color", *options]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def test_terraform_has_nothing_to_change_in_it(tmp_path: Path) -> None:
    text = lock_text(AWS_PROVIDER, AWS_PROVIDER_HASHES)
    (tmp_path / LOCK_FILE).write_text(text)
    ran = init(tmp_path, "-lockfile=readonly")
    assert ran.returncode == 0, ran.stderr
    assert init(tmp_path).returncode == 0
    assert (tmp_path / LOCK_FILE).read_text() == text


def test_another_package_is_refused(tmp_path: Path) -> None:
    others = [hash_[:-2] + ("0" if hash_[-2] != "0" else "1") + hash_[-1] for hash_ in AWS_PROVIDER_HASHES]
    (tmp_path / LOCK_FILE).write_text(lock_text(AWS_PROVIDER, others))
    ran = init(tmp_path)
    assert ran.returncode == 1
    assert "checksums" in ran.stderr
