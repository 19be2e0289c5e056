"""The steps by which a stack gets a release: unpack, init, plan, guard, apply of that very plan, plan again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from fleet.release.contents import LOCK_FILE
from fleet.release.store import Release
from fleet.rollout.errors import LOCKED, reason
from fleet.rollout.guard import Summary, lines_of, refusals, summary
from fleet.rollout.records import Outcome
from terraform.enduring import run_enduring
from terraform.runner import PLAN_CHANGES, PLAN_EMPTY, Root, Terraform

PLAN: Final = "release.tfplan"
OUTPUT: Final = "terraform.out"
OUTDIR: Final = Path("cdktf.out/stacks")
"""Where stacks are synthesized to, below the checkout: paths of local states are relative to it."""


class EndedError(Exception):
    """The attempt ends here.

    Attributes:
        outcome: how.
        refused: what the guard refused.
    """

    def __init__(self, outcome: Outcome, error: str = "", *, refused: Sequence[str] = ()) -> None:
        super().__init__(error)
        self.outcome = outcome
        self.refused = tuple(refused)


@dataclass(kw_only=True)
class Attempt:
    """One attempt to give a stack its release.

    Attributes:
        release: that it gets.
        stack: its id.
        folder: for the root; made, and removed by who calls.
        terraform: how Terraform is run.
        base: the checkout that paths of local states are relative to.
        lock_seconds: how long it waits for the lock on the state.
        reached: told each step before it begins.
        stopping: whether somebody asked it to end; looked at before each step that changes nothing.
        printed: told what Terraform printed, after each command.
        changed: what the plan did; `None` until it is known.
    """

    release: Release
    stack: str
    folder: Path
    terraform: Terraform
    base: Path
    lock_seconds: int
    reached: Callable[[str], None]
    stopping: Callable[[], bool]
    printed: Callable[[str], None] = field(default=lambda _: None)
    changed: Summary | None = None

    def run(self) -> None:
        """Give the stack its release.

        Raises:
            EndedError: it has not got it.
            ConfigurationError: the release is not what its digest says.
        """
        self._initialize()
        self._begin("plan")
        if self._plan(self._waiting) is None:
            return
        self._begin("guard")
        plan = self._root().show(self.folder / PLAN)
        self.changed = summary(plan)
        refused = refusals(plan, self.release.manifest.stacks[self.stack].may_destroy)
        if refused:
            raise EndedError("refused", refused=[str(refusal) for refusal in refused])
        self._begin("apply")
        # From here on nothing stops it.
        self._terraform("apply", "-input=false", self._waiting, PLAN)
        self.reached("check")
        left = self._plan(self._waiting)
        if left is not None:
            found = summary(self._root().show(left))
            counts = ", ".join(f"{count} to {name}" for name, count in found.counts.items())
            raise EndedError("failed", f"the plan is not empty afterwards: {counts}")

    def differences(self) -> list[str]:
        """Return what a plan would change now, a line for each change without its values; nothing is locked or changed.

        Raises:
            EndedError: there is no plan.
            ConfigurationError: the release is not what its digest says.
        """
        self._initialize()
        self._begin("plan")
        plan = self._plan("-lock=false")
        return [] if plan is None else lines_of(self._root().show(plan))

    def _initialize(self) -> None:
        self._begin("unpack")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True)
        self.release.unpack(self.stack, self.folder)
        self._begin("init")
        self._terraform("init", *self._init_arguments())

    def _begin(self, step: str) -> None:
        if self.stopping():
            raise EndedError("stopped")
        self.reached(step)

    def _root(self) -> Root:
        return self.terraform.root(self.folder)

    @property
    def _waiting(self) -> str:
        return f"-lock-timeout={self.lock_seconds}s"

    def _init_arguments(self) -> Iterator[str]:
        yield from ("-input=false", "-reconfigure")
        entry = self.release.manifest.stacks[self.stack]
        if LOCK_FILE in entry.files and self.terraform.installation.name == "terraform":
            # OpenTofu has a registry of its own, whose packages the lock file does not know.
            yield "-lockfile=readonly"
        path = local_state(entry.backend, self.stack, self.base)
        if path is not None:
            yield f"-backend-config=path={path}"

    def _plan(self, locking: str) -> Path | None:
        """Plan to a file and return it; `None` where nothing is to be done."""
        code = self._terraform(
            "plan",
            *("-input=false", "-detailed-exitcode", locking, f"-out={PLAN}"),
            accepted=(PLAN_EMPTY, PLAN_CHANGES),
        )
        return None if code == PLAN_EMPTY else self.folder / PLAN

    def _terraform(self, *arguments: str, accepted: Sequence[int] = (0,)) -> int:
        output = self.folder / OUTPUT
        code = run_enduring(self._root(), *arguments, output=output, accepted=accepted)
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
