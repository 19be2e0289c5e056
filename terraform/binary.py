"""The Terraform (or OpenTofu) program of this machine."""

import functools
import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from terraform.errors import TerraformError
from terraform.mirror import find_mirror
from terraform.versions import MINIMUM_VERSION, minimum_version

BINARIES = ("terraform", "tofu")
DOWNLOADED = Path(__file__).resolve().parent.parent / "build" / "terraform"
"""Where `terraform.download` puts a program if the machine has none that is new enough."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A Terraform binary and where it takes the AWS provider from.

    Attributes:
        binary: The executable.
        version: Its version.
        mirror: A folder with the provider, or None where Terraform downloads it.
    """

    binary: Path
    version: tuple[int, ...]
    mirror: Path | None

    @property
    def name(self) -> str:
        """`terraform` or `tofu`."""
        return self.binary.name


@functools.cache
def find_installation() -> Installation:
    """Find the first usable program on PATH, or else the one that was downloaded into the project.

    Raises:
        TerraformError: None is there, or it is too old; the message is one line.
    """
    too_old = []
    for name, folder in [*((name, None) for name in BINARIES), ("terraform", str(DOWNLOADED))]:
        found = shutil.which(name, path=folder)
        if found is None:
            continue
        version = _version_of(Path(found))
        if version < MINIMUM_VERSION:
            too_old.append(f"{found} is {'.'.join(map(str, version)) or 'of an unknown version'}")
            continue
        return Installation(binary=Path(found), version=version, mirror=find_mirror(name))
    if too_old:
        raise TerraformError(
            f"Terraform >= {minimum_version()} (or OpenTofu) is needed: {'; '.join(too_old)}"
        )
    raise TerraformError(f"Terraform >= {minimum_version()} (or OpenTofu) is needed: neither is on PATH")


def _version_of(binary: Path) -> tuple[int, ...]:
    environment = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
    try:
        result = subprocess.run(
            [str(binary), "version", "-json"],
            env=environment | {"CHECKPOINT_DISABLE": "1"},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        found = re.match(r"(\d+)\.(\d+)\.(\d+)", str(json.loads(result.stdout)["terraform_version"]))
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError):
        found = None
    return tuple(map(int, found.groups())) if found else ()
