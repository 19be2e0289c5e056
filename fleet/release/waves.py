"""Decides in which order a release reaches the stacks: a pure function of what the registry and `fleet.yaml` say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from fleet.release.manifest import StackEntry, Wave, digest
from fleet.rollout_settings import RolloutSettings

CANARY: Final = "canary"
PLATFORM: Final = "platform"


def waves_of(stacks: Iterable[StackEntry], settings: RolloutSettings) -> tuple[Wave, ...]:
    """Return the waves in which `stacks` are deployed; those who are held are in none, and no wave is empty.

    First come the silos that the registry marks, or as many as the settings say; then the other silos by percentages;
    in the end the platform, which is all Fargate tenants at once. Canaries and platform tolerate no failure. Within a
    kind the order is that of a digest of the stack's id, so that it has nothing to do with names, and stays.
    """
    free = sorted((stack for stack in stacks if not stack.held), key=lambda stack: digest(stack.id.encode()))
    silos = [stack for stack in free if stack.kind == "silo"]
    marked = [stack.id for stack in silos if stack.canary] or [stack.id for stack in silos[: settings.canary]]
    others = [stack.id for stack in silos if stack.id not in set(marked)]
    platforms = [stack.id for stack in free if stack.kind == "platform"]
    waves = [
        _wave(CANARY, marked, settings, tolerated=0),
        *_by_percentages(others, settings),
        _wave(PLATFORM, platforms, settings, tolerated=0),
    ]
    return tuple(wave for wave in waves if wave.stacks)


def _by_percentages(stacks: Sequence[str], settings: RolloutSettings) -> list[Wave]:
    waves, done = [], 0
    for percent in settings.waves:
        # Rounded up: the first percent of few is one.
        end = -(-len(stacks) * percent // 100)
        chosen = stacks[done:end]
        waves.append(_wave(f"{percent}%", chosen, settings, tolerated=settings.tolerated(len(chosen))))
        done = end
    return waves


def _wave(name: str, stacks: Sequence[str], settings: RolloutSettings, *, tolerated: int) -> Wave:
    return Wave(name=name, stacks=tuple(stacks), tolerated=tolerated, bake_minutes=settings.bake_minutes)
