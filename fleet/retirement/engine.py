"""Runs the steps of a retirement that are not done, each recorded before the next begins. Killed, the next run goes on.

Each step can be done twice: what was done already changes nothing the second time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from config.problems import ConfigurationError, Problem
from fleet.retirement.context import Context, StepError
from fleet.retirement.destroying import destroy, remove
from fleet.retirement.disabling import disable, look
from fleet.retirement.exporting import export
from fleet.retirement.receipt import FIRST, Receipt, decoded, encoded, faults, file_name, sealed
from fleet.retirement.receipt_store import ReceiptStore
from fleet.retirement.record import Retirement, Step
from fleet.retirement.registering import register
from fleet.retirement.unprotecting import lift
from fleet.retirement.verifying import expect_looks, verify
from fleet.rollout.records import now

ATTEMPTS: Final = 5
"""At the next number of the chain, where others write receipts at the same time."""
ACTIONS: Final[Mapping[Step, Callable[[Context, Retirement], Mapping[str, Any]]]] = {
    "exported": export,
    "unprotected": lift,
    "destroyed": destroy,
    "removed": remove,
    "verified": verify,
    "registered": register,
}
"""What is done in the steps that need nothing else; each returns what it found."""
Told = Callable[[Step, Mapping[str, Any]], None]


@dataclass(kw_only=True)
class RetirementEngine:
    """A retirement that is going on.

    Attributes:
        context: what the steps share.
        retirement: how far it is.
        receipts: where the receipt goes.
        told: each step that is done.
        stopping: whether somebody asked it to end; looked at before each step.
    """

    context: Context
    retirement: Retirement
    receipts: ReceiptStore
    told: Told
    stopping: Callable[[], bool] = lambda: False

    def run(self) -> Retirement:
        """Do the steps that are left, and return the record with all of them done.

        Raises:
            StepError: a step cannot be done now; those before it are recorded.
            ConfigurationError: something cannot be read or written.
        """
        for step in self.retirement.left:
            if self.stopping():
                raise StepError("asked to end")
            found = self._do(step)
            self.retirement = self.retirement.with_step(step, found)
            self.context.folder.write(self.retirement)
            self.context.folder.rollouts.tell(event=f"retirement {step}", tenant=self.retirement.tenant)
            self.told(step, found)
        return self.retirement

    def _do(self, step: Step) -> Mapping[str, Any]:
        return {"approved": self._approved, "disabled": self._disabled, "receipt": self._receipt}.get(
            step, lambda: ACTIONS[step](self.context, self.retirement)
        )()

    def _approved(self) -> Mapping[str, Any]:
        self.receipts.check()
        # From here on no worker deploys a stack that has the tenant.
        self.context.folder.rollouts.leave(self.retirement.tenant)
        request = self.retirement.request
        return {"requested_by": request.requested_by, "approved_by": request.approved_by}

    def _disabled(self) -> Mapping[str, Any]:
        if not self.retirement.resources:
            resources = look(self.context, self.retirement)
            self.retirement = replace(self.retirement, resources=resources)
            self.context.folder.write(self.retirement)
        expect_looks(self.context, self.retirement)
        return disable(self.context, self.retirement)

    def _receipt(self) -> Mapping[str, Any]:
        """Keep the receipt at the end of the chain, unless it is there, and return its number and digest.

        Raises:
            ConfigurationError: the chain is broken, or cannot be read or written.
        """
        content = _content(self.retirement)
        for _ in range(ATTEMPTS):
            files = self.receipts.files()
            broken = faults(files, known={})
            if broken:
                raise _refusal(
                    self.retirement.receipts, broken[0], "receipts that are a chain: look who changed them"
                )
            chain = [receipt for _, file in sorted(files) if (receipt := decoded(file)) is not None]
            same = [one for one in chain if _whose(one) == _whose(content)]
            if same:
                return _named(same[0], self.retirement.receipts)
            previous = str(chain[-1]["digest"]) if chain else FIRST
            receipt = sealed(content, number=len(chain) + 1, previous=previous)
            if self.receipts.keep(file_name(len(chain) + 1), encoded(receipt)):
                return _named(receipt, self.retirement.receipts)
        raise _refusal(
            self.retirement.receipts,
            "receipts of others at the same time",
            "one of them to end; run it again",
        )


def _content(retirement: Retirement) -> dict[str, Any]:
    """Return what the receipt says: nothing of the tenant's data, and no value of a resource but its names."""
    return {
        "tenant": retirement.tenant,
        "environment": next(iter(retirement.stacks)).rpartition("-")[2],
        "release": retirement.release,
        "stacks": dict(retirement.stacks),
        "request": retirement.request.document(),
        "started_at": retirement.started_at,
        "ended_at": now(),
        "steps": {step: dict(found) for step, found in retirement.done.items()},
        "resources": {name: dict(identity) for name, identity in sorted(retirement.resources.items())},
    }


def _whose(receipt: Receipt) -> tuple[object, ...]:
    return tuple(receipt.get(name) for name in ("tenant", "environment", "started_at"))


def _named(receipt: Receipt, where: str) -> Mapping[str, Any]:
    return {"where": where, "number": receipt["number"], "digest": receipt["digest"]}


def _refusal(where: str, received: str, expected: str) -> ConfigurationError:
    return ConfigurationError([Problem(where=where, received=received, expected=expected)])
