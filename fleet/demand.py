"""How much of each quota the stacks take together, of those that an account can be asked about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from fleet.synthesized import SynthesizedStack
from fleet.uses import DEFAULT_BUS, SCALE, USES

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
        uses = (use for use in USES[name](stack) if use.holder in {"", f"bus {DEFAULT_BUS}"})
        return rounded(name, sum(use.amount for use in uses))

    return count


def _most_of_one(name: str) -> Count:
    def count(stack: SynthesizedStack) -> int:
        held: Counter[str] = Counter()
        for use in USES[name](stack):
            held[use.holder] += use.amount
        return max(held.values(), default=0)

    return count


COUNTED: Final[Mapping[str, Count]] = {
    name: _together(name)
    for name in (
        "VPCs per region",
        "gateway endpoints per region",
        "security groups per region",
        "elastic IP addresses per region",
        "contributor insights rules",
        "concurrent executions per region",
        "rules per event bus",
        "roles per account",
        "HTTP APIs per region",
        "user pools per region",
        "tables per region",
        "buckets per account",
        "Fargate vCPUs per region",
        "database clusters per region",
        "cluster parameter groups per region",
    )
}
"""What a stack takes of each quota that an account has one of, by the quota's name in `facts.quotas`."""

COUNTED_EACH: Final[Mapping[str, Count]] = {
    name: _most_of_one(name)
    for name in (
        "rules per security group",
        "target groups per load balancer",
        "rules per load balancer",
        "NAT gateways per zone",
    )
}
"""What a stack takes of each quota that each of its own resources has one of: a security group, a load balancer."""


def taken(stacks: Iterable[SynthesizedStack]) -> dict[str, int]:
    """Return what `stacks` take together of each quota that an account has one of."""
    stacks = tuple(stacks)
    return {name: sum(map(count, stacks)) for name, count in COUNTED.items()}


def taken_each(stack: SynthesizedStack) -> dict[str, int]:
    """Return what `stack` takes of each quota that one of its resources has."""
    return {name: count(stack) for name, count in COUNTED_EACH.items()}
