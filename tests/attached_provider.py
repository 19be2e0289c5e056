"""Runs Terraform as `terraform.runner` does, with one process of the AWS provider for all commands of a root.

Terraform starts the provider two to four times for each command and hashes its 700 MB once more, which takes longer
than most of what the commands do. It uses a running one where it is told of one, as for debugging a provider
(https://developer.hashicorp.com/terraform/plugin/debugging, 2026-11-27): the same binary of the same package that
`init` has installed, which Terraform configures again for each command. A root has its own, since a provider has one
configuration at a time.

The commands of one root therefore follow one another, and none is interrupted: `tests/deployment/test_interruptions.py`
runs Terraform without this, as do the demo and whatever else runs it in a process of its own.
"""

from __future__ import annotations

import copy
import json
import re
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from terraform import runner
from tests.guards import GUARD_SECONDS

QUIET = {"TF_LOG": "off", "TF_LOG_PROVIDER": "off", "TF_LOG_SDK": "off"}
"""A provider that is debugged logs everything, unless it is told not to."""
COLLECTING = {"GOGC": "200"}
"""It stays as long as its root does, beside others: with less garbage than `terraform` leaves it takes 220 MB less."""


class Terraform(runner.Terraform):
    """A runner that starts a root's provider after `init`, and stops it when the runner is closed."""

    def __init__(self, environment: Mapping[str, str], *, folder: Path | None = None) -> None:
        super().__init__(environment, folder=folder)
        self.providers: dict[Path, Provider] = {}

    def root(self, folder: Path) -> runner.Root:
        """Return the root module in a folder."""
        return AttachedRoot(terraform=self, folder=folder)

    def attached(self, folder: Path) -> runner.Terraform:
        """Return this runner with the variable that tells Terraform of the provider of the root in `folder`, if any."""
        provider = self.providers.get(folder)
        if provider is None:
            return self
        told = copy.copy(self)
        told.environment = self.environment | {"TF_REATTACH_PROVIDERS": json.dumps(provider.address)}
        return told

    def attach(self, folder: Path) -> None:
        """Start the provider that `init` has installed in the root, unless it runs or the root has none."""
        if folder in self.providers:
            return
        for binary in folder.glob(".terraform/providers/*/hashicorp/aws/*/*/terraform-provider-aws*"):
            self.providers[folder] = started(binary, folder, self.environment)

    def close(self) -> None:
        """Stop the providers, and remove the temporary configuration."""
        for provider in self.providers.values():
            provider.process.send_signal(signal.SIGKILL)
            provider.process.wait()
        self.providers.clear()
        super().close()


class AttachedRoot(runner.Root):
    """A root module whose commands use its running provider."""

    def run(
        self, *arguments: str, timeout: float = runner.RUN_SECONDS, accepted: Sequence[int] = (0,)
    ) -> runner.Result:
        """Run a command for as long as it takes: none of these tests is about how long that is."""
        return super().run(*arguments, timeout=max(timeout, GUARD_SECONDS), accepted=accepted)

    def init(self, *, timeout: float = runner.INIT_SECONDS) -> runner.Result:
        """Install the provider, set the backend up, and start the provider."""
        result = super().init(timeout=timeout)
        assert isinstance(self.terraform, Terraform)
        self.terraform.attach(self.folder)
        return result

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own, and return at once."""
        assert isinstance(self.terraform, Terraform)
        # Of a provider that runs already, `init` installs none.
        told = self.terraform if arguments[0] == "init" else self.terraform.attached(self.folder)
        return runner.Root.start(replace(self, terraform=told), *arguments)


@dataclass(frozen=True)
class Provider:
    """A provider that runs.

    Attributes:
        process: its process.
        address: the value of `TF_REATTACH_PROVIDERS`.
    """

    process: subprocess.Popen[bytes]
    address: object


def started(binary: Path, folder: Path, environment: Mapping[str, str]) -> Provider:
    """Start the provider and wait until it says where it listens.

    Args:
        binary: below `.terraform/providers/{host}/hashicorp/aws/`.
        folder: of the root.
        environment: what Terraform sees, which gives it to the providers that it starts.
    """
    said = folder / ".terraform" / "provider.out"
    with said.open("wb") as output:
        process = subprocess.Popen(
            [binary, "-debug"],
            cwd=folder,
            env={**environment, **QUIET, **COLLECTING},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.DEVNULL,
        )
    deadline = time.monotonic() + GUARD_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"TF_REATTACH_PROVIDERS='(.+)'\n", said.read_text()):
            (where,) = json.loads(found[1]).values()
            # It names itself by Terraform's registry; OpenTofu has its own, whose host is in the package's path.
            host = binary.relative_to(folder / ".terraform" / "providers").parts[0]
            return Provider(process, {f"{host}/hashicorp/aws": where})
        time.sleep(0.02)
    process.kill()
    raise RuntimeError(f"{binary} did not start: {said.read_text()}")
