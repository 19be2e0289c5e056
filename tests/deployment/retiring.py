"""Retires a tenant of a deployment, as `python -m fleet retire` does."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from emulator.server import ACCOUNT_ID
from fleet.__main__ import main
from fleet.release.contents import contents_of
from fleet.release.manifest import Manifest, Proof, Source
from fleet.release.store import Release, keep, publish
from fleet.retirement.engine import RetirementEngine
from fleet.retirement.record import Step
from fleet.synthesized import read_stacks
from tests.attached_provider import Terraform
from tests.deployment.deploying import Deployment

REQUEST = (
    *("--requested-by", "ann@example.com", "--approved-by", "ben@example.com"),
    *("--reason", "Its contract has ended."),
)


@dataclass(frozen=True, kw_only=True)
class Retiring:
    """Where a tenant of a deployment is retired.

    Attributes:
        deployment: of its stacks.
        monkeypatch: of the test.
    """

    deployment: Deployment
    monkeypatch: pytest.MonkeyPatch

    @property
    def receipts(self) -> Path:
        return self.deployment.folder / "receipts"

    def release(self) -> Release:
        """Keep what is synthesized now as a release, which nobody has proved."""
        store = self.deployment.folder / "releases"
        contents = [contents_of(stack, store) for stack in read_stacks(self.deployment.folder / "cdktf.out")]
        manifest = Manifest(
            source=Source(commit="0" * 40, author="A <a@b.example>", committed_at="", modified=False),
            proof=Proof(verdict="PROVED", accepted=(), report=keep(store, b"{}")),
            stacks={one.entry.id: one.entry for one in contents},
            packages={},
            objects=(),
            waves=(),
            concurrency=1,
        )
        return publish(store, manifest)

    def run(self, tenant: str, release: Release, *options: str, like: str) -> int:
        """Run the command with the provider of the stack `like`; return its exit code."""
        terraform = self.deployment.terraform
        assert isinstance(terraform, Terraform)
        environment = terraform.attached(self.deployment.root(like).folder).environment
        reader = self.deployment.folder / "reader"
        reader.write_text(f"[reader]\naws_access_key_id={ACCOUNT_ID}\naws_secret_access_key=test\n")
        for name, value in {
            **environment,
            "AWS_SHARED_CREDENTIALS_FILE": str(reader),
            "TENANT_REGISTRY": str(self.deployment.folder / "tenants.yaml"),
        }.items():
            self.monkeypatch.setenv(name, value)
        return main(
            [
                *("retire", tenant, "--release", release.digest, f"--receipts={self.receipts}"),
                f"--releases={release.store}",
                f"--folder={self.deployment.folder / 'rollouts'}",
                f"--base={self.deployment.folder}",
                "--reader-profile=reader",
                *options,
            ]
        )

    def receipt(self, number: int = 1) -> dict[str, Any]:
        document = json.loads((self.receipts / f"{number:06}.json").read_text())
        assert isinstance(document, dict)
        return document

    @contextmanager
    def stopped_before(self, step: Step) -> Iterator[None]:
        """Have what runs end before `step`."""
        whole = RetirementEngine._do

        def stopped(engine: RetirementEngine, next_: Step) -> Any:
            if next_ == step:
                raise KeyboardInterrupt
            return whole(engine, next_)

        with self.monkeypatch.context() as patched:
            patched.setattr(RetirementEngine, "_do", stopped)
            yield


def remains(receipt: dict[str, Any]) -> Sequence[str]:
    """Return what a receipt says remains, by kind."""
    return sorted(one["what"] for one in receipt["steps"]["verified"]["remains"])
