"""What an execution of the state machine is given: the waves that are left. Nothing is read and nothing is sent."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fleet.release.manifest import Wave, digest

LISTS: Final = "rollouts/"
"""Where the lists of stacks are in the bucket of releases; the state machine reads nothing else of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WavesInput:
    """An execution's input, and the objects that it names.

    Attributes:
        text: JSON; see `constructs.delivery.state_machine_definition`.
        lists: contents by key.
    """

    text: str
    lists: Mapping[str, bytes]


def waves_input(
    release: str,
    waves: Sequence[Wave],
    *,
    to_begin: Collection[str],
    failed: Collection[str],
    concurrency: int,
) -> WavesInput:
    """Return the input for what is left of `waves`.

    Args:
        release: digest of the release.
        waves: of the release.
        to_begin: stacks that are to get it.
        failed: stacks at which it failed, and that are not tried again: they count in their wave.
        concurrency: builds at once, at most.
    """
    lists: dict[str, bytes] = {}
    given: list[dict[str, Any]] = []
    for wave in waves:
        stacks = [stack for stack in wave.stacks if stack in to_begin]
        if not stacks:
            continue
        content = json.dumps(stacks).encode()
        key = f"{LISTS}{digest(content)}.json"
        lists[key] = content
        given.append(
            {
                "name": wave.name,
                "stacks": key,
                "concurrency": concurrency,
                "bake_seconds": round(wave.bake_minutes * 60),
                # DynamoDB's form of a number.
                "tolerated": str(wave.tolerated - sum(stack in failed for stack in wave.stacks)),
            }
        )
    text = json.dumps({"release": release, "waves": given}, sort_keys=True)
    return WavesInput(text=text, lists=lists)
