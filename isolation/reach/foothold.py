"""Somebody that an attacker can act as, and how it gets there."""

from __future__ import annotations

from dataclasses import dataclass

from isolation.model.caller import Caller
from isolation.reach.prover import Outcome


@dataclass(frozen=True, slots=True)
class Foothold:
    """Somebody that an attacker can act as.

    Attributes:
        caller: whom it acts as.
        steps: how it gets there, for people; empty for who it is from the start.
        certain: every step is certainly possible, rather than not ruled out.
    """

    caller: Caller
    steps: tuple[str, ...] = ()
    certain: bool = True

    def step(self, outcome: Outcome, text: str, caller: Caller) -> list[Foothold]:
        """Return the foothold as `caller` that one more step gives, if `outcome` lets it be taken."""
        if outcome.answer == "no":
            return []
        via = f" (allowed by {', '.join(outcome.statements)})" if outcome.statements else ""
        return [Foothold(caller, (*self.steps, f"{text}{via}"), self.certain and outcome.answer == "yes")]
