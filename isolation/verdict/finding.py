"""Why a cell is not PROVED: who does what to whom, and by which statements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from isolation.catalogue.findings import FindingType
from isolation.verdict.place import Place
from isolation.verdict.waivers import Waiver

Verdict = Literal["PROVED", "ACCEPTED", "UNKNOWN", "VIOLATED"]
SEVERITY: Final[Mapping[Verdict, int]] = {"PROVED": 0, "ACCEPTED": 1, "UNKNOWN": 2, "VIOLATED": 3}


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a cell is not PROVED.

    Attributes:
        verdict: VIOLATED or UNKNOWN, or ACCEPTED for one of these that a waiver accepts.
        attacker: a tenant, or one of `OUTSIDERS`.
        owner: whose resource it is.
        kind: the kind of the resource.
        who: the caller, and with which tags.
        action: what it does.
        resource: the ARN that it names.
        context: the condition keys of the request, with their values.
        steps: how the attacker comes to act as it.
        because: sources of the statements that allow it, or what is not modelled.
        type: what it is called, what it means and how to mend it.
        place: what is wrong.
        waiver: what accepts it.
        accepted: the verdict that it would have without the waiver.
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
    type: FindingType = field(kw_only=True)
    place: Place = field(default=Place(), kw_only=True)
    waiver: Waiver | None = field(default=None, kw_only=True)
    accepted: Verdict | None = field(default=None, kw_only=True)
