"""What the stacks take of each quota: the report, and the refusal of what cannot be deployed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final

from config.problems import ConfigurationError, Problem
from fleet.budget import ACCOUNT, Footprint, Growth, Met, Row, footprint, growths, met_by, rows
from fleet.limits import FILE, SERVICE_QUOTAS, Limits, code
from fleet.reading import each_stack, tallied
from fleet.synthesized import UnreadableStacksError
from fleet.tables import table
from fleet.uses import SCALE


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What the stacks take of each quota, and what comes next.

    Attributes:
        footprints: of the stacks, by their ids.
        limits: of the account.
        rows: one for each quota, the fullest first.
        growths: what one more tenant takes.
        met: the quotas that each of `growths` meets, the first one first.
    """

    footprints: tuple[Footprint, ...]
    limits: Limits
    rows: tuple[Row, ...]
    growths: tuple[Growth, ...]
    met: tuple[tuple[Met, ...], ...]


def budget(outdir: Path, limits: Limits) -> Budget:
    """Return what the stacks below `outdir` take of what `limits` allow.

    Raises:
        UnreadableStacksError: nothing was synthesized there.
    """
    return budget_of(each_stack(outdir, footprint), limits)


def budget_of(footprints: Sequence[Footprint], limits: Limits) -> Budget:
    """Return what the stacks of `footprints` take of what `limits` allow."""
    found, growing = rows(footprints, limits), growths(footprints)
    return Budget(
        footprints=tuple(footprints),
        limits=limits,
        rows=tuple(found),
        growths=tuple(growing),
        met=tuple(met_by(growth, found, footprints) for growth in growing),
    )


def over(found: Iterable[Row]) -> Iterator[Problem]:
    """Yield what is wrong with each row of which more is taken than allowed, and what to do."""
    for row in found:
        if row.left < 0:
            quota, taken = row.quota, units(row, row.taken + row.standing * row.scale)
            holder = f" of {row.held.holder}" if row.held.holder else ""
            where = f"{row.held.region}: {quota.name} ({code(quota)}){holder}"
            yield Problem(where=where, received=_number(taken), expected=f"at most {_allowed(row)}")


def _allowed(row: Row) -> str:
    by = row.stated or "AWS's default"
    standing = f", {row.standing} of them not for these stacks" if row.standing else ""
    return f"{row.limit} ({by}{standing}); {remedy(row)}"


def remedy(row: Row) -> str:
    """Return what to do about a quota of which more is taken than allowed."""
    quota = row.quota
    if row.impossible or not quota.adjustable:
        last = f" beyond {quota.maximum}" if quota.maximum else ""
        return f"AWS does not raise it{last}: take fewer of these tenants into this account"
    wanted = -(-row.taken // row.scale) + row.standing
    region = "" if row.held.region == ACCOUNT else f" --region {row.held.region}"
    known = "" if row.stated == SERVICE_QUOTAS else f", then say so in {FILE}"
    return (
        f"raise it with `aws service-quotas request-service-quota-increase --service-code {quota.service} "
        f"--quota-code {quota.raised_with or quota.code} --desired-value {wanted}{region}`{known}"
    )


def refuse_excess(outdir: Path, limits: Limits) -> None:
    """Refuse stacks that cannot be deployed, where that is known without asking the account.

    It is known where `fleet.yaml` says what the account is allowed, and where AWS allows no account so much.

    Raises:
        ConfigurationError: one problem for each quota; or `outdir` holds what cannot be counted.
    """
    try:
        found = rows(each_stack(outdir, footprint), limits)
    except UnreadableStacksError as error:
        problem = Problem(
            where=str(outdir), received=str(error), expected="stacks whose resources can be counted"
        )
        raise ConfigurationError([problem]) from None
    problems = list(over(row for row in found if limits.file or row.impossible))
    if problems:
        raise ConfigurationError(problems)


def units(row: Row, amount: int) -> Fraction:
    """Return an amount in the unit of the row's quota."""
    return Fraction(amount, row.scale)


DECIMALS: Final = 3
THEN: Final = 3
"""Quotas that a line names behind the first."""


def _number(value: Fraction) -> int | float:
    """Return a number as JSON and people write it, rounded up where it has too many decimals."""
    return -_rounded_down(-value)


def _rounded_down(value: Fraction) -> int | float:
    return int(value) if value.denominator == 1 else value * 10**DECIMALS // 1 / 10**DECIMALS


def text(found: Budget) -> str:
    """Return the report, for people."""
    by = found.limits.said_by or f"AWS's defaults, no {FILE}"
    parts = [
        f"{heading(found)} What is allowed: {by}.",
        *(_table(found, region) for region in _regions(found.rows)),
    ]
    parts.append("\n".join(met_first(found)))
    problems = list(over(found.rows))
    parts.append("\n".join(map(str, problems)) if problems else "The stacks fit.")
    return "\n\n".join(filter(None, parts))


def heading(found: Budget) -> str:
    """Return how many stacks and tenants there are, as a sentence."""
    counts = {growth.kind: 0 for growth in found.growths}
    for growth in found.growths:
        counts[growth.kind] += growth.count
    stacks = tallied({"stack": len(found.footprints)})
    return f"{stacks}{': ' if counts else ''}{tallied(counts)}."


def _regions(found: Iterable[Row]) -> list[str]:
    """Return the regions, and the account behind them."""
    return sorted({row.held.region for row in found}, key=lambda region: (region == ACCOUNT, region))


def _table(found: Budget, region: str) -> str:
    growing = [growth for growth in found.growths if region in {growth.region, ACCOUNT}]
    lines = [
        ["quota", "code", "taken", "at most", "allowed", "left", *(f"one {one.kind}" for one in growing)]
    ]
    for row in found.rows:
        if row.held.region == region:
            numbers = [
                _number(units(row, row.taken + row.standing * row.scale)),
                _number(units(row, row.most + row.standing * row.scale)) if row.most != row.taken else "",
                f"{row.limit}{'*' if row.stated else ''}",
                _rounded_down(units(row, row.left)),
                *(_number(units(row, amount)) if amount else "" for amount in _takes(growing, row)),
            ]
            lines.append([row.quota.name, code(row.quota), *map(str, numbers)])
    title = "The account, in all regions" if region == ACCOUNT else region
    by = sorted({row.stated for row in found.rows if row.stated and row.held.region == region})
    note = f"\n* as {' and '.join(by)} says" if by else ""
    return f"{title}\n\n{table(lines, left=2)}{note}"


def _takes(growing: Sequence[Growth], row: Row) -> list[int]:
    """Return what one more tenant of each kind takes of one holder of the row's quota."""
    same = (row.held.quota, row.held.region)
    return [
        max((amount for held, amount in one.takes.items() if (held.quota, held.region) == same), default=0)
        for one in growing
    ]


def met_first(found: Budget) -> list[str]:
    """Return, for each kind of tenant, which quotas it meets first, and at how many tenants, as a line."""
    return [_said(growth, met) for growth, met in zip(found.growths, found.met, strict=True)]


def _said(growth: Growth, met: Sequence[Met]) -> str:
    first, *others = met
    at = tallied({growth.kind: first.at})
    alike = f", as {growth.alike} of {growth.count} do" if growth.alike < growth.count else ""
    line = f"met first: {first.row.quota.name} ({code(first.row.quota)}) at {at} in {growth.region}{alike}"
    then = ", ".join(f"{one.row.quota.name} at {one.at:,}" for one in others[:THEN])
    return f"{line}; then {then}" if then else line


def document(found: Budget) -> dict[str, Any]:
    """Return the report as the values of JSON. Amounts are in the quotas' units."""
    return {
        "limits_file": found.limits.file,
        "stacks": len(found.footprints),
        "quotas": [
            {
                "quota": row.quota.name,
                "code": code(row.quota) if row.quota.code else None,
                "region": None if row.held.region == ACCOUNT else row.held.region,
                "holder": row.held.holder or None,
                "unit": row.quota.unit,
                "taken": _number(units(row, row.taken)),
                "taken_at_most": _number(units(row, row.most)),
                "standing": row.standing,
                "allowed": row.limit,
                "stated": row.stated is not None,
                "stated_by": row.stated,
                "left": _rounded_down(units(row, row.left)),
                "adjustable": row.quota.adjustable,
                "source": row.source,
                "checked": row.checked.isoformat(),
            }
            for row in found.rows
        ],
        "tenants": [
            _growth_document(growth, met) for growth, met in zip(found.growths, found.met, strict=True)
        ],
        "problems": [str(problem) for problem in over(found.rows)],
    }


def _growth_document(growth: Growth, met: Sequence[Met]) -> dict[str, Any]:
    ordered = sorted(growth.takes.items(), key=lambda item: (item[0].quota, item[0].holder))
    return {
        "kind": growth.kind,
        "region": growth.region,
        "count": growth.count,
        "alike": growth.alike,
        "takes": [
            {
                "quota": held.quota,
                "holder": held.holder or None,
                "amount": _number(Fraction(amount, SCALE.get(held.quota, 1))),
            }
            for held, amount in ordered
        ],
        "met": [
            {
                "quota": one.row.quota.name,
                "code": code(one.row.quota) if one.row.quota.code else None,
                "at": one.at,
            }
            for one in met
        ],
    }
