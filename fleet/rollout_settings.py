"""The section `rollout` of `fleet.yaml`: how a release reaches the stacks.

    rollout:
      canary: 1                 # silos that come first where the registry marks none
      waves: [10, 50, 100]      # percent of the other silos, counted together
      bake_minutes: 10          # pause after each wave
      tolerated_failures: 5%    # of a wave, or a number of stacks
      concurrency: 4            # stacks at once
      minimum_requests: 6       # of a silo during the pause; with fewer it is not observed
      not_observed: continue    # or wait, for a person

Each key may be left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

SECTION: Final = "rollout"
MOST_CONCURRENT: Final = 20
"""A plan reads what the stack has, about one request a second of each kind; EC2's buckets for requests that only read
are refilled with 20 a second (https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html, 2026-11-27)."""
LONGEST_BAKE: Final = 7 * 24 * 60
"""Minutes."""
NotObserved = Literal["continue", "wait"]
"""What a rollout does after a wave of which nobody knows how it is."""
_PERCENT: Final = re.compile(r"(100|[1-9]?[0-9])%")
_ALL: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutSettings:
    """How a release reaches the stacks.

    Attributes:
        canary: silos that come first where the registry marks none.
        waves: percent of the other silos that are done after each wave; rising, the last is 100.
        bake_minutes: pause after each wave.
        tolerated_failures: stacks of a wave that may fail, as a number, or as text, in percent.
        concurrency: stacks that are deployed at once, at most.
        minimum_requests: of a silo during the pause after its wave; with fewer its alarms say nothing, and it is not
            observed.
        not_observed: whether the rollout goes on after a wave of which a silo was not observed, or waits for a person.
    """

    canary: int = 1
    waves: tuple[int, ...] = (10, 50, 100)
    bake_minutes: float = 10
    tolerated_failures: int | str = 0
    concurrency: int = 4
    minimum_requests: int = 6
    not_observed: NotObserved = "continue"

    def tolerated(self, size: int) -> int:
        """Return how many of a wave's `size` stacks may fail; a percentage is rounded down."""
        if isinstance(self.tolerated_failures, str):
            return size * int(self.tolerated_failures.removesuffix("%")) // 100
        return min(self.tolerated_failures, size)


def _whole(value: object, least: int, most: int) -> bool:
    return type(value) is int and least <= value <= most


def _rising(value: object) -> bool:
    if not isinstance(value, list) or not all(_whole(item, 1, _ALL) for item in value):
        return False
    return value[-1:] == [_ALL] and value == sorted(set(value))


_MOST_STACKS: Final = 100_000
_MOST_REQUESTS: Final = 1_000_000_000
CHECKS: Final[Mapping[str, tuple[Callable[[Any], bool], str]]] = {
    "canary": (lambda value: _whole(value, 0, _MOST_STACKS), "a whole number of silos, 0 or more"),
    "waves": (_rising, "a list of whole percentages that rise to 100, such as [10, 50, 100]"),
    "bake_minutes": (
        lambda value: type(value) in (int, float) and 0 <= value <= LONGEST_BAKE,
        f"minutes, 0 to {LONGEST_BAKE}",
    ),
    "tolerated_failures": (
        lambda value: (
            _whole(value, 0, _MOST_STACKS) or (isinstance(value, str) and bool(_PERCENT.fullmatch(value)))
        ),
        "a whole number of stacks, or a percentage such as '5%'",
    ),
    "concurrency": (
        lambda value: _whole(value, 1, MOST_CONCURRENT),
        f"a whole number of stacks, 1 to {MOST_CONCURRENT}",
    ),
    "minimum_requests": (
        lambda value: _whole(value, 1, _MOST_REQUESTS),
        f"a whole number of requests, 1 to {_MOST_REQUESTS}",
    ),
    "not_observed": (
        lambda value: value in get_args(NotObserved),
        f"one of the words {', '.join(get_args(NotObserved))}",
    ),
}
"""By key, whether a value may be used, and what is expected."""


def mistakes(section: Mapping[str, object]) -> Iterator[tuple[str, object, str]]:
    """Yield each key of `section` that cannot be used, what was received, and what is expected."""
    for key, value in section.items():
        if key not in CHECKS:
            yield key, key, f"one of the keys {', '.join(map(repr, CHECKS))}"
        elif not CHECKS[key][0](value):
            yield key, value, CHECKS[key][1]


def settings_of(section: Mapping[str, Any]) -> RolloutSettings:
    """Return what `section`, in which there is no mistake, says."""
    given: dict[str, Any] = dict(section)
    if "waves" in given:
        given["waves"] = tuple(given["waves"])
    return RolloutSettings(**given)
