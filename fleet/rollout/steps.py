"""The steps by which a stack gets a release: unpack, init, plan, guard, apply of that very plan, plan again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from fleet.release.store import Release
from fleet.rollout.guard import Summary, lines_of, refusals, summary
from fleet.rollout.stack_root import UNLOCKED, EndedError, StackRoot
from terraform.runner import Terraform


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
        root = self._initialized()
        self._begin("plan")
        planned = root.plan()
        if planned is None:
            return
        self._begin("guard")
        plan = root.show(planned)
        self.changed = summary(plan)
        refused = refusals(plan, self.release.manifest.stacks[self.stack].may_destroy)
        if refused:
            raise EndedError("refused", refused=[str(refusal) for refusal in refused])
        self._begin("apply")
        # From here on nothing stops it.
        root.apply()
        self.reached("check")
        left = root.plan()
        if left is not None:
            found = summary(root.show(left))
            counts = ", ".join(f"{count} to {name}" for name, count in found.counts.items())
            raise EndedError("failed", f"the plan is not empty afterwards: {counts}")

    def differences(self) -> list[str]:
        """Return what a plan would change now, a line for each change without its values; nothing is locked or changed.

        Raises:
            EndedError: there is no plan.
            ConfigurationError: the release is not what its digest says.
        """
        root = self._initialized()
        self._begin("plan")
        plan = root.plan(locking=UNLOCKED)
        return [] if plan is None else lines_of(root.show(plan))

    def _initialized(self) -> StackRoot:
        root = StackRoot(
            release=self.release,
            stack=self.stack,
            folder=self.folder,
            terraform=self.terraform,
            base=self.base,
            lock_seconds=self.lock_seconds,
            printed=self.printed,
        )
        self._begin("unpack")
        root.unpack()
        self._begin("init")
        root.init()
        return root

    def _begin(self, step: str) -> None:
        if self.stopping():
            raise EndedError("stopped")
        self.reached(step)
