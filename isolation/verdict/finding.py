"""Why a cell is not PROVED: who does what to whom, and by which statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

Verdict = Literal["PROVED", "VIOLATED", "UNKNOWN"]
SEVERITY: Final[Mapping[Verdict, int]] = {"PROVED": 0, "UNKNOWN": 1, "VIOLATED": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a cell is not PROVED.

    Attributes:
        verdict: VIOLATED or UNKNOWN.
        attacker: a tenant, or one of `OUTSIDERS`.
        owner: whose resource it is.
        kind: the kind of the resource.
        who: the caller, and with which tags.
        action: what it does.
        resource: the ARN that it names.
        context: the condition keys of the request, with their values.
        steps: how the attacker comes to act as it.
        because: sources of the statements that allow it, or what is not modelled.
    """

    verdict: Verdict
    attacker: str
    owner: str
    kind: str
    who: str
    action: str = ""
    resource: str = ""
    context: tuple[tuple[str, str], ...] = ()
    steps: tuple[str, ...] = ()
    because: tuple[str, ...] = ()
