"""Runs Terraform as `terraform.runner` does, and trusts the provider's package after `init` has installed it.

Every command hashes the package of 700 MB again, half a second each, if the lock file has checksums of it. The stacks'
lock files are made anew at each synthesis by the `init` of the same run, from the same folder: that the second command
finds the bytes which the first one found says nothing about a stack. `tests/terraform/test_trusted_provider.py` sees
that `init` records the checksum, and `tests/deployment/test_commands.py` runs with it.
"""

from __future__ import annotations

import re
from pathlib import Path

from terraform import runner


class Terraform(runner.Terraform):
    """A runner whose roots keep no checksums."""

    def root(self, folder: Path) -> runner.Root:
        """Return the root module in a folder."""
        return TrustingRoot(terraform=self, folder=folder)


class TrustingRoot(runner.Root):
    """A root module whose lock file names the provider's version without its checksums."""

    def init(self, *, timeout: float = runner.INIT_SECONDS) -> runner.Result:
        """Install the provider, set the backend up and forget the checksums."""
        result = super().init(timeout=timeout)
        lock = lock_file(self)
        if lock.exists():
            lock.write_text(without_checksums(lock.read_text()))
        return result


def lock_file(root: runner.Root) -> Path:
    return root.folder / ".terraform.lock.hcl"


def without_checksums(lock: str) -> str:
    """Leave the `hashes` out of a lock file: Terraform then checks none."""
    return re.sub(r"^ *hashes *= *\[[^]]*\]\n", "", lock, flags=re.MULTILINE)
