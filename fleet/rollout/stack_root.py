"""The root module of one stack of a release, in a folder of its own: unpack, init, plan to a file, apply that file."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fleet.release.contents import LOCK_FILE
from fleet.release.store import Release
from fleet.rollout.errors import LOCKED, reason
from fleet.rollout.records import Outcome
from terraform.enduring import run_enduring
from terraform.runner import PLAN_CHANGES, PLAN_EMPTY, Root, Terraform

PLAN: Final = "release.tfplan"
OUTPUT: Final = "terraform.out"
OUTDIR: Final = Path("cdktf.out/stacks")
"""Where stacks are synthesized to, below the checkout: paths of local states are relative to it."""
UNLOCKED: Final = "-lock=false"


class EndedError(Exception):
    """What was begun with a stack ends here.

    Attributes:
        outcome: how.
        refused: what the guard refused.
    """

    def __init__(self, outcome: Outcome, error: str = "", *, refused: Sequence[str] = ()) -> None:
        super().__init__(error)
        self.outcome = outcome
        self.refused = tuple(refused)


@dataclass(frozen=True, kw_only=True)
class StackRoot:
    """A stack of a release. Every method but `unpack` raises `EndedError` where Terraform fails.

    Attributes:
        release: that the stack is of.
        stack: its id.
        folder: for the root; made by `unpack`, and removed by who calls.
        terraform: how Terraform is run.
        base: the checkout that paths of local states are relative to.
        lock_seconds: how long it waits for the lock on the state.
        printed: told what Terraform printed, after each command.
    """

    release: Release
    stack: str
    folder: Path
    terraform: Terraform
    base: Path
    lock_seconds: int
    printed: Callable[[str], None] = field(default=lambda _: None)

    @property
    def waiting(self) -> str:
        """The argument with which Terraform waits for the lock on the state."""
        return f"-lock-timeout={self.lock_seconds}s"

    def unpack(self) -> None:
        """Write the stack's files into the folder, which is made anew.

        Raises:
            ConfigurationError: the release is not what its digest says, or a file cannot be written.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True)
        self.release.unpack(self.stack, self.folder)

    def init(self) -> None:
        """Install the provider, and set the backend up."""
        self._run("init", *self._init_arguments())

    def plan(self, *arguments: str, locking: str | None = None) -> Path | None:
        """Plan to a file and return it; `None` where nothing is to be done.

        Args:
            *arguments: such as `-destroy`.
            locking: how the state is locked; by default the lock is waited for.
        """
        code = self._run(
            "plan",
            *("-input=false", "-detailed-exitcode", locking or self.waiting, f"-out={PLAN}", *arguments),
            accepted=(PLAN_EMPTY, PLAN_CHANGES),
        )
        return None if code == PLAN_EMPTY else self.folder / PLAN

    def show(self, plan: Path) -> Mapping[str, Any]:
        """Return what a plan says, as JSON; it may hold secrets."""
        return self._root.show(plan)

    def apply(self) -> None:
        """Apply the last plan; nothing stops it."""
        self._run("apply", "-input=false", self.waiting, PLAN)

    def state(self) -> tuple[Mapping[str, Any], ...]:
        """Return the resources of the state as `terraform show -json` says them; they may hold secrets.

        https://developer.hashicorp.com/terraform/internals/json-format#values-representation
        """
        found = self._root.show_state()
        return tuple(
            resource
            for resource in found.get("values", {}).get("root_module", {}).get("resources", [])
            if resource["mode"] == "managed"
        )

    @property
    def _root(self) -> Root:
        return self.terraform.root(self.folder)

    def _init_arguments(self) -> Iterator[str]:
        yield from ("-input=false", "-reconfigure")
        entry = self.release.manifest.stacks[self.stack]
        if LOCK_FILE in entry.files and self.terraform.installation.name == "terraform":
            # OpenTofu has a registry of its own, whose packages the lock file does not know.
            yield "-lockfile=readonly"
        path = local_state(entry.backend, self.stack, self.base)
        if path is not None:
            yield f"-backend-config=path={path}"

    def _run(self, *arguments: str, accepted: Sequence[int] = (0,)) -> int:
        output = self.folder / OUTPUT
        code = run_enduring(self._root, *arguments, output=output, accepted=accepted)
        said = output.read_text(errors="replace")
        self.printed(said)
        if code is None:
            why = reason(said)
            raise EndedError("locked" if why.startswith(LOCKED) else "failed", why)
        return code


def local_state(backend: Mapping[str, Any], stack: str, base: Path) -> Path | None:
    """Return where the state of `stack` is, if it is a file of this machine; `None` where it is elsewhere.

    Args:
        backend: of the stack, as Terraform has it.
        stack: its id.
        base: the checkout that the state's path is relative to.
    """
    path = backend.get("local", {}).get("path")
    return None if path is None else (base / OUTDIR / stack / path).resolve()
