"""What moves from one owner to another."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edge:
    """Data or code that an argument moves from one owner to another.

    Attributes:
        attacker: the tenant that gains by it.
        owner: whose data it is; `None` is the platform.
        kind: the kind of the owner's resource.
        story: what happens.
    """

    attacker: str
    owner: str | None
    kind: str
    story: str
