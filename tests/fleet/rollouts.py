"""Releases of small stacks that nobody synthesized, and workers of them in processes of their own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from fleet.release.contents import content_of
from fleet.release.manifest import CONFIGURATION, Manifest, Proof, Source, StackEntry, Watching, Wave
from fleet.release.store import Release, keep, publish
from fleet.rollout.records import Record, RolloutFolder
from fleet.rollout.worker import Task, work
from tests.guards import GUARD_SECONDS

ROOT = Path(__file__).resolve().parents[2]
Document = Mapping[str, Any]


def text_stack(text: str, **provisioner: str) -> Document:
    """A stack of one resource of Terraform's own, which needs neither a provider nor AWS."""
    body: dict[str, Any] = {"input": text, "triggers_replace": [text]}
    if provisioner:
        body["provisioner"] = [{"local-exec": provisioner}]
    return {"resource": {"terraform_data": {"text": body}}}


@dataclass(frozen=True, kw_only=True)
class Rollouts:
    """A folder in which releases are made and rolled out.

    Attributes:
        path: of the folder.
        environment: what Terraform sees, beside the caller's.
    """

    path: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    @property
    def folder(self) -> RolloutFolder:
        return RolloutFolder(path=self.path / "rollouts")

    def release(
        self,
        stacks: Mapping[str, Document],
        *,
        waves: Sequence[Wave] = (),
        may_destroy: Sequence[str] = (),
        held: Sequence[str] = (),
        concurrency: int = 4,
        tolerated: int = 0,
        alarms: Mapping[str, Sequence[str]] | None = None,
        watching: Watching | None = None,
    ) -> Release:
        """A release of `stacks`, whose states are files unless they say so; without waves all are in one."""
        store = self.path / "releases"
        entries = {}
        for id_, document in stacks.items():
            local = {"local": {"path": f"../../../state/{id_}.tfstate"}}
            terraform = {"terraform": {"backend": local, **document.get("terraform", {})}}
            backend = terraform["terraform"]["backend"]
            text = json.dumps({**document, **terraform})
            entries[id_] = StackEntry(
                id=id_,
                kind="silo",
                tenants=(id_.removeprefix("tenant-").removesuffix("-test"),),
                region="us-east-1",
                account=None,
                backend=backend,
                files={CONFIGURATION: keep(store, text.encode())},
                content=content_of({}, text.encode()),
                shape="",
                held=id_ in held,
                may_destroy=tuple(may_destroy),
                alarms=tuple((alarms or {}).get(id_, ())),
            )
        free = tuple(id_ for id_ in entries if id_ not in held)
        source = Source(
            commit="0" * 40, author="A <a@b.example>", committed_at="2026-01-01T00:00:00Z", modified=False
        )
        manifest = Manifest(
            source=source,
            proof=Proof(verdict="PROVED", accepted=(), report=keep(store, b"{}")),
            stacks=entries,
            packages={},
            objects=(),
            waves=tuple(waves) or (Wave(name="100%", stacks=free, tolerated=tolerated, bake_minutes=0),),
            concurrency=concurrency,
            watching=watching,
        )
        return publish(store, manifest)

    def task(self, release: Release, stack: str, **more: Any) -> Task:
        return Task(release=release, stack=stack, folder=self.folder, base=self.path, **more)

    def work(self, release: Release, stack: str) -> Record:
        """Run a worker in this process."""
        return work(self.task(release, stack), {**os.environ, **self.environment}, stopping=lambda: False)

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Start `python -m ...` in a process of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", *command, *self.options],
            cwd=ROOT,
            env={**os.environ, **self.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @property
    def options(self) -> list[str]:
        return [
            f"--releases={self.path / 'releases'}",
            f"--folder={self.folder.path}",
            f"--base={self.path}",
            f"--lock-timeout={GUARD_SECONDS:.0f}",
        ]

    def state(self, stack: str) -> dict[str, Any]:
        document = json.loads((self.path / "state" / f"{stack}.tfstate").read_text())
        assert isinstance(document, dict)
        return document

    def texts(self, stack: str) -> list[str]:
        """What the resources of a text stack hold, by its state."""
        return [
            str(instance["attributes"]["input"]["value"])
            for resource in self.state(stack)["resources"]
            for instance in resource["instances"]
        ]

    def plant(self, stack: str, text: str) -> None:
        """Have the state of a text stack say something else than its release."""
        document = self.state(stack)
        attributes = document["resources"][0]["instances"][0]["attributes"]
        attributes["input"]["value"] = attributes["output"]["value"] = text
        (self.path / "state" / f"{stack}.tfstate").write_text(json.dumps(document))

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.folder.path / "events.jsonl").read_text().splitlines()]
