"""What the stacks cost a month at list prices while nobody uses them: by tenant, by what is paid for, in all."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from textwrap import fill
from typing import Any, Final

from facts.prices import HOURS_A_MONTH, PRICES, REGION
from fleet.charges import BY_USE, CHARGED, FREE, charges
from fleet.reading import each_stack
from fleet.synthesized import SynthesizedStack
from fleet.tables import table

MOST_TENANTS: Final = 20
"""Lines of tenants that a person reads; JSON has all."""
WIDTH: Final = 100
CENT: Final = Decimal("0.01")
PLATFORM: Final = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What one stack costs.

    Attributes:
        stack: its id.
        region: of the stack.
        kind: `silo` or `platform`.
        numbers: of what is paid for, by its price's name and its owner, `None` for what is nobody's own.
        types: how many resources there are of each type.
    """

    stack: str
    region: str
    kind: str
    numbers: Mapping[tuple[str, str | None], Decimal]
    types: Mapping[str, int]


def bill(stack: SynthesizedStack) -> Bill:
    """Return what `stack` costs."""
    numbers: dict[tuple[str, str | None], Decimal] = defaultdict(Decimal)
    for charge in charges(stack):
        numbers[charge.price, charge.owner] += charge.number
    types = {kind: len(bodies) for kind, bodies in stack.resources.items()}
    return Bill(stack=stack.id, region=stack.region, kind=stack.kind, numbers=dict(numbers), types=types)


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one owner costs a month.

    Attributes:
        stack: in which it is.
        tenant: id; `None` for what is nobody's own.
        kind: `silo`, `Fargate tenant` or `platform`.
        amount: US dollars.
    """

    stack: str
    tenant: str | None
    kind: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What one price comes to.

    Attributes:
        price: its name in `facts.prices`.
        number: of what it is for.
        amount: US dollars a month; `None` where the price is not known.
    """

    price: str
    number: Decimal
    amount: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What all stacks cost a month.

    Attributes:
        regions: of the stacks.
        shares: by owner, in the order of the stacks and the tenants.
        lines: by price, the dearest first.
        by_use: how many resources there are of each type that costs by use alone.
        free: likewise, of each that costs nothing.
        unknown: likewise, of each of which nothing is known.
    """

    regions: tuple[str, ...]
    shares: tuple[Share, ...]
    lines: tuple[Line, ...]
    by_use: Mapping[str, int]
    free: Mapping[str, int]
    unknown: Mapping[str, int]

    @property
    def total(self) -> Decimal:
        """US dollars a month."""
        return sum((share.amount for share in self.shares), Decimal())

    @property
    def incomplete(self) -> bool:
        """Whether something has no price, and no reason for it."""
        return bool(self.unknown) or any(line.amount is None for line in self.lines)


def cost(outdir: Path) -> Cost:
    """Return what the stacks below `outdir` cost.

    Raises:
        UnreadableStacksError: nothing was synthesized there.
    """
    return cost_of(each_stack(outdir, bill))


def cost_of(bills: Sequence[Bill]) -> Cost:
    """Return what the stacks of `bills` cost together."""
    shares, numbers, types = [], defaultdict[str, Decimal](Decimal), Counter[str]()
    for one in bills:
        types.update(one.types)
        amounts: dict[str | None, Decimal] = defaultdict(Decimal)
        for (price, owner), number in one.numbers.items():
            numbers[price] += number
            amounts[owner] += _amount(price, number) or 0
        for owner in sorted(amounts, key=lambda owner: owner or ""):
            kind = "Fargate tenant" if one.kind == PLATFORM and owner else one.kind
            shares.append(Share(stack=one.stack, tenant=owner, kind=kind, amount=amounts[owner]))
    lines = [
        Line(price=price, number=number, amount=_amount(price, number)) for price, number in numbers.items()
    ]
    return Cost(
        regions=tuple(sorted({one.region for one in bills})),
        shares=tuple(shares),
        lines=tuple(sorted(lines, key=lambda line: (-(line.amount or 0), line.price))),
        by_use=_those(types, BY_USE),
        free=_those(types, FREE),
        unknown=_those(types, types.keys() - {*CHARGED, *BY_USE, *FREE}),
    )


def _amount(price: str, number: Decimal) -> Decimal | None:
    return PRICES[price].value.monthly * number if price in PRICES else None


def _those(types: Mapping[str, int], wanted: Iterable[str]) -> dict[str, int]:
    return {kind: types[kind] for kind in sorted(wanted) if types.get(kind)}


def text(found: Cost) -> str:
    """Return the report, for people."""
    parts = [*heading(found), _tenants(found), _lines(found), _not_priced(found)]
    return "\n\n".join(filter(None, parts))


def heading(found: Cost) -> list[str]:
    """Return what the prices are, as sentences."""
    first = min(fact.checked for fact in PRICES.values())
    parts = [f"US dollars a month at list prices of {REGION} as of {first}, without what is paid by use."]
    if elsewhere := [region for region in found.regions if region != REGION]:
        parts.append(f"The stacks are in {', '.join(elsewhere)}, where prices differ.")
    return parts


def money(amount: Decimal) -> str:
    """Return an amount in dollars and cents."""
    return f"{amount.quantize(CENT, ROUND_HALF_UP):,}"


def _tenants(found: Cost) -> str:
    # Dearest first, and then as the stacks are.
    ordered = sorted(found.shares, key=lambda share: -share.amount)
    lines = [["whose", "stack", "kind", "a month"]]
    lines += [
        [share.tenant or "(nobody's own)", share.stack, share.kind, money(share.amount)]
        for share in ordered[:MOST_TENANTS]
    ]
    rest: dict[str, list[Decimal]] = defaultdict(list)
    for share in ordered[MOST_TENANTS:]:
        rest[share.kind].append(share.amount)
    lines += [
        [f"and {len(amounts)} more", "", kind, money(sum(amounts, Decimal()))]
        for kind, amounts in sorted(rest.items())
    ]
    lines.append(["total", "", "", money(found.total)])
    return table(lines, left=3)


def _lines(found: Cost) -> str:
    lines = [["what", "number", "one a month", "a month"]]
    for line in found.lines:
        one = money(PRICES[line.price].value.monthly) if line.price in PRICES else "?"
        amount = "no price" if line.amount is None else money(line.amount)
        lines.append([line.price, f"{line.number.normalize():f}", one, amount])
    return table(lines)


def _not_priced(found: Cost) -> str:
    by_use = [f"  {kind} ({count}): {BY_USE[kind]}" for kind, count in found.by_use.items()]
    free = ", ".join(f"{kind} ({count})" for kind, count in found.free.items())
    parts = ["Paid by use alone:", *by_use] if by_use else []
    if free:
        parts.append(fill(f"Free: {free}", WIDTH, subsequent_indent="  ", break_on_hyphens=False))
    parts += [f"Not known, and not in the total: {kind} ({count})" for kind, count in found.unknown.items()]
    return "\n".join(parts)


def document(found: Cost) -> dict[str, Any]:
    """Return the report as the values of JSON. Amounts are US dollars a month, as text: they are exact."""
    return {
        "prices_of": REGION,
        "regions": list(found.regions),
        "hours_a_month": HOURS_A_MONTH,
        "total": _exact(found.total),
        "owners": [
            {
                "tenant": share.tenant,
                "stack": share.stack,
                "kind": share.kind,
                "amount": _exact(share.amount),
            }
            for share in found.shares
        ],
        "lines": [_line_document(line) for line in found.lines],
        "by_use": [
            {"type": kind, "count": count, "paid_for": BY_USE[kind]} for kind, count in found.by_use.items()
        ],
        "free": [{"type": kind, "count": count} for kind, count in found.free.items()],
        "unknown": [{"type": kind, "count": count} for kind, count in found.unknown.items()],
    }


def _exact(amount: Decimal) -> str:
    return f"{amount.normalize():f}"


def _line_document(line: Line) -> dict[str, Any]:
    fact = PRICES.get(line.price)
    return {
        "what": line.price,
        "number": _exact(line.number),
        "amount": None if line.amount is None else _exact(line.amount),
        "price": None if fact is None else _exact(fact.value.amount),
        "per": None if fact is None else fact.value.per,
        "source": None if fact is None else fact.source,
        "read_at": None if fact is None else fact.value.read_at,
        "checked": None if fact is None else fact.checked.isoformat(),
    }
