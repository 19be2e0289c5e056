"""What a rollout costs that AWS carries out: minutes of builds, and steps of the state machine."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Final

from facts.prices import USE_PRICES
from fleet.release.manifest import Manifest

STEPS_OF_A_STACK: Final = 3
"""`MayItBegin`, `Build` and `Ended` of `constructs.delivery.state_machine_definition`: a step is paid for each time
that it is carried out."""
STEPS_OF_A_WAVE: Final = 9
"""From `BeginWave` to `NextWave`, with a pause and a look at the wave's health."""
LOOK_MINUTES: Final = 1
"""A build counts in whole minutes."""


def dollars(manifest: Manifest, minutes_each: float) -> Decimal:
    """Return the list price in US dollars of a rollout in which every stack takes as long, and none fails.

    Args:
        manifest: of the release.
        minutes_each: how long one stack takes.
    """
    stacks = sum(len(wave.stacks) for wave in manifest.waves)
    looks = sum(bool(wave.bake_minutes) for wave in manifest.waves[:-1]) if manifest.watching else 0
    minutes = stacks * math.ceil(minutes_each) + looks * LOOK_MINUTES
    steps = stacks * STEPS_OF_A_STACK + len(manifest.waves) * STEPS_OF_A_WAVE
    return _price("build minute", minutes) + _price("state transitions", steps)


def _price(name: str, number: int) -> Decimal:
    price = USE_PRICES[name].value
    return number * price.amount / price.per
