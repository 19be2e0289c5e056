"""What a retirement tells people: its steps, and what each found."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from fleet.retirement.record import Retirement, Step

SAID: Final[Mapping[Step, str]] = {
    "approved": "somebody else than who asked has approved it",
    "disabled": "it answers nothing any more",
    "exported": "its data is copied, or is not to be",
    "unprotected": "what holds its data may be destroyed",
    "destroyed": "its own stack is destroyed",
    "removed": "the platform no longer has it",
    "verified": "AWS was asked, and has nothing of it",
    "registered": "its id, network and priority are never given out again",
    "receipt": "the receipt is kept",
}


def steps_text(retirement: Retirement) -> str:
    """Return the steps, for people."""
    rows = [f"{retirement.tenant}: {', '.join(retirement.stacks)}"]
    for step in retirement.steps:
        done = retirement.done.get(step)
        rows.append(f"  {step}: {SAID[step] if done is None else 'done ' + done['at']}")
    return "\n".join(rows)


def described(step: Step, found: Mapping[str, Any]) -> str:
    """Return what `step` found, which is done."""
    return _DESCRIBED[step](found)


def _exported(found: Mapping[str, Any]) -> str:
    if not found["exported"]:
        return f"nothing: {found['why']}"
    return (
        f"{found['objects']} objects, {found['bytes']:,} bytes, and {found['items']} items to {found['to']}, "
        f"manifest {found['manifest'][:12]}"
    )


def _verified(found: Mapping[str, Any]) -> str:
    remains = [
        f"\n    {one['what']} {one['id']} stays until {one['until'] or 'somebody deletes it'}"
        for one in found["remains"]
    ]
    by_hand = found.get("by_hand") or {}
    looked = f"\n    {', '.join(by_hand['for'])}: {by_hand['looked']}" if by_hand else ""
    return f"{found['asked']} resources were asked for, and nothing else is left{looked}{''.join(remains)}"


_DESCRIBED: Final[Mapping[Step, Callable[[Mapping[str, Any]], str]]] = {
    "approved": lambda found: f"asked by {found['requested_by']}, approved by {found['approved_by']}",
    "disabled": lambda found: (
        f"{found['functions']} functions and {found['services']} services take no request"
    ),
    "exported": _exported,
    "unprotected": lambda found: f"{len(found['changed'])} resources changed",
    "destroyed": lambda found: f"{found['deleted']} resources deleted",
    "removed": lambda found: f"{found['deleted']} resources deleted",
    "verified": _verified,
    "registered": lambda found: (
        "the entry stays" if found.get("kept") else f"{found['file']} says so, to be committed"
    ),
    "receipt": lambda found: f"{found['number']} in {found['where']}, {found['digest'][:12]}",
}
