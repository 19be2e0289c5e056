"""How much of each quota the stacks take together, of those that an account can be asked about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from facts.quotas import QUOTAS
from fleet.synthesized import SynthesizedStack
from fleet.uses import DEFAULT_BUS, OF_EACH, SCALE, USES

LAMBDA_UNRESERVED: Final = 100
"""Concurrent executions that no function may reserve
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html)."""

Count = Callable[[SynthesizedStack], int]


def rounded(name: str, amount: int) -> int:
    """Return an amount of the quota `name` in the quota's unit, rounded up."""
    return -(-amount // SCALE.get(name, 1))


def _together(name: str) -> Count:
    def count(stack: SynthesizedStack) -> int:
        # Of the event buses, the one that an account comes with.
        return sum(use.amount for use in USES[name](stack) if use.holder in {"", f"bus {DEFAULT_BUS}"})

    return count


def _most_of_one(name: str) -> Count:
    def count(stack: SynthesizedStack) -> int:
        held: Counter[str] = Counter()
        for use in USES[name](stack):
            held[use.holder] += use.amount
        return max(held.values(), default=0)

    return count


COUNTED: Final[Mapping[str, Count]] = {
    name: _together(name) for name in USES if name not in OF_EACH and QUOTAS[name].value.code
}
"""What a stack takes of each quota that an account has one of and can be asked about, in the unit times its scale."""

COUNTED_EACH: Final[Mapping[str, Count]] = {name: _most_of_one(name) for name in USES if name in OF_EACH}
"""What a stack takes of each quota that each of its own resources has one of: a security group, a load balancer."""


def taken(stacks: Iterable[SynthesizedStack]) -> dict[str, int]:
    """Return what `stacks` take together of each quota that an account has one of, in the quota's unit."""
    stacks = tuple(stacks)
    return {name: rounded(name, sum(map(count, stacks))) for name, count in COUNTED.items()}


def taken_each(stack: SynthesizedStack) -> dict[str, int]:
    """Return what `stack` takes of each quota that one of its resources has."""
    return {name: count(stack) for name, count in COUNTED_EACH.items()}
