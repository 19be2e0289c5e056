"""A hole, and how it must be found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.isolation.holes.editing import Documents

FOREIGN, ANONYMOUS, SERVICE = "(foreign account)", "(anonymous)", "(AWS service)"
A, R, G = "acme-corp", "retail-co", "globex-inc"


@dataclass(frozen=True)
class Hole:
    """A hole and the counterexample that it must be found by."""

    open: Callable[[Documents], None]
    attacker: str
    owner: str
    kind: str
    action: str
    story: str

    def __str__(self) -> str:
        return self.open.__name__
