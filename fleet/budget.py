"""Quotas as a budget: what the stacks take of each, what is allowed, and which one more tenant meets first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from facts.quotas import QUOTAS, Quota
from fleet.limits import Limits
from fleet.synthesized import SynthesizedStack
from fleet.uses import SCALE, USES

ACCOUNT: Final = "account"
OF_THE_ACCOUNT: Final = frozenset({"roles per account", "buckets per account", "private addresses"})
"""Quotas that all regions of an account share; networks are given out once, in whatever region."""
SILO: Final = "silo"
FARGATE: Final = "Fargate tenant"


@dataclass(frozen=True, slots=True)
class Held:
    """What a quota is of.

    Attributes:
        quota: its name in `facts.quotas`.
        region: `account` where all regions share it.
        holder: the resource, zone or bus that has it; empty where the account has.
    """

    quota: str
    region: str
    holder: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken of something, in the quota's unit times its scale.

    Attributes:
        held: what of.
        owner: the tenant whose resources take it; `None` where they are nobody's own.
        shared: whether another tenant takes of the same.
        amount: now.
        most: once what scales has scaled.
    """

    held: Held
    owner: str | None
    shared: bool
    amount: int
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Footprint:
    """What one stack takes of every quota.

    Attributes:
        stack: its id.
        region: of the stack.
        kind: `silo` or `platform`.
        taken: summed by what of and by whom.
    """

    stack: str
    region: str
    kind: str
    taken: tuple[Taken, ...]


def footprint(stack: SynthesizedStack) -> Footprint:
    """Return what `stack` takes of every quota."""
    amounts: Counter[tuple[Held, str | None, bool]] = Counter()
    mosts: Counter[tuple[Held, str | None, bool]] = Counter()
    for name, uses in USES.items():
        region = ACCOUNT if name in OF_THE_ACCOUNT else stack.region
        for use in uses(stack):
            key = (Held(name, region, use.holder), use.owner, use.shared)
            amounts[key] += use.amount
            mosts[key] += use.most
    taken = tuple(Taken(*key, amount, mosts[key]) for key, amount in amounts.items())
    return Footprint(stack=stack.id, region=stack.region, kind=stack.kind, taken=taken)


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One quota, and what is taken of it; of those that each of several holders has, the fullest.

    Attributes:
        quota: what AWS says.
        source: URL of the page that says so.
        checked: the day on which it did.
        held: the region and the holder.
        taken: by the stacks, in the quota's unit times `scale`.
        most: once the services have scaled out, likewise.
        standing: what else is taken, or must stay free, in the quota's unit.
        limit: what is allowed, in the quota's unit.
        stated: who says so, `fleet.yaml` or the account; `None` for AWS's default.
    """

    quota: Quota
    source: str
    checked: date
    held: Held
    taken: int
    most: int
    standing: int
    limit: int
    stated: str | None

    @property
    def scale(self) -> int:
        """By how much `taken` is larger than the quota's unit."""
        return SCALE.get(self.quota.name, 1)

    @property
    def left(self) -> int:
        """What may still be taken, in the quota's unit times `scale`; negative where too much is taken."""
        return (self.limit - self.standing) * self.scale - self.taken

    @property
    def share(self) -> float:
        """The part of the limit that is taken; 1 where nothing is left."""
        allowed = self.limit * self.scale
        return (self.taken + self.standing * self.scale) / allowed if allowed else float("inf")

    @property
    def impossible(self) -> bool:
        """Whether no account can have what the stacks alone take: AWS does not raise the quota so far."""
        last = self.quota.maximum if self.quota.adjustable else self.quota.default
        return last is not None and self.left < 0 and self.taken > last * self.scale


def _amounts(footprints: Iterable[Footprint]) -> Counter[Held]:
    amounts: Counter[Held] = Counter()
    for stack in footprints:
        for taken in stack.taken:
            amounts[taken.held] += taken.amount
    return amounts


def rows(footprints: Sequence[Footprint], limits: Limits) -> list[Row]:
    """Return a row for each quota that the stacks take of, the fullest first."""
    amounts = _amounts(footprints)
    mosts: Counter[Held] = Counter()
    for stack in footprints:
        for taken in stack.taken:
            mosts[taken.held] += taken.most
    regions = {stack.region for stack in footprints}
    found: dict[tuple[str, str], Row] = {}
    for held, amount in sorted(amounts.items(), key=lambda item: (-item[1], item[0].holder)):
        fact = QUOTAS[held.quota]
        # A quota of the account is the same in every region.
        region = min(regions) if held.region == ACCOUNT else held.region
        row = Row(
            quota=fact.value,
            source=fact.source,
            checked=fact.checked,
            held=held,
            taken=amount,
            most=mosts[held],
            standing=limits.standing(fact.value),
            limit=limits.limit(fact.value, region),
            stated=limits.stated_by(fact.value, region),
        )
        found.setdefault((held.quota, held.region), row)
    return sorted(found.values(), key=lambda row: (-row.share, row.quota.name, row.held.region))


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """What one more tenant of a kind takes, as most of its kind do.

    Attributes:
        kind: `silo` or `Fargate tenant`.
        region: of the tenants.
        count: how many there are.
        alike: how many of them take just that.
        takes: in the quotas' units times their scales.
    """

    kind: str
    region: str
    count: int
    alike: int
    takes: Mapping[Held, int]


def growths(footprints: Sequence[Footprint]) -> list[Growth]:
    """Return what one more tenant of each kind takes in each region, measured from those that are there."""
    shapes: dict[tuple[str, str], Counter[tuple[tuple[str, str, str, int], ...]]] = defaultdict(Counter)
    for stack in footprints:
        of_owner: dict[str, Counter[Held]] = defaultdict(Counter)
        for taken in stack.taken:
            if taken.owner is not None and taken.shared:
                of_owner[taken.owner][taken.held] += taken.amount
        kind = SILO if stack.kind == "silo" else FARGATE
        for takes in of_owner.values():
            shape = tuple(
                sorted((held.quota, held.region, held.holder, amount) for held, amount in takes.items())
            )
            shapes[kind, stack.region][shape] += 1
    return [
        _growth(kind, region, shapes[kind, region])
        for kind, region in sorted(shapes, key=lambda key: (key[1], key[0] != SILO))
    ]


def _growth(kind: str, region: str, shapes: Counter[tuple[tuple[str, str, str, int], ...]]) -> Growth:
    # Where two shapes are as frequent, the one that takes more, so that the answer does not depend on an order.
    shape, alike = max(shapes.items(), key=lambda item: (item[1], sum(part[3] for part in item[0]), item[0]))
    takes = {Held(quota, of, holder): amount for quota, of, holder, amount in shape}
    return Growth(kind=kind, region=region, count=shapes.total(), alike=alike, takes=takes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A quota that more and more tenants of a kind meet.

    Attributes:
        row: the quota.
        at: how many tenants of the kind there are when one more does not fit, those that are there included.
    """

    row: Row
    at: int


def met_by(growth: Growth, found: Sequence[Row], footprints: Iterable[Footprint]) -> tuple[Met, ...]:
    """Return the quotas that one tenant after another of `growth` meets, in their order; of several, by name.

    Args:
        growth: of one kind of tenant.
        found: what `rows` says of `footprints`.
        footprints: of all stacks.
    """
    row_of = {(row.held.quota, row.held.region): row for row in found}
    amounts = _amounts(footprints)
    met: dict[tuple[str, str], Met] = {}
    for held, amount in growth.takes.items():
        key = held.quota, held.region
        row = row_of[key]
        left = (row.limit - row.standing) * row.scale - amounts[held]
        at = max(growth.count + left // amount, 0)
        # Of several holders, that which is full first.
        if key not in met or at < met[key].at:
            met[key] = Met(row=row, at=at)
    return tuple(sorted(met.values(), key=lambda one: (one.at, one.row.quota.name)))
