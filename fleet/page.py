"""One static page of the fleet: tenants, isolation, quotas, cost. It needs no server and loads nothing."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from html import escape
from pathlib import Path
from string import Template
from typing import Any, Final

from fleet import cost, quota
from fleet.budget import FARGATE, SILO, Footprint, footprint
from fleet.charges import BY_USE
from fleet.counting import tasks
from fleet.isolation_report import IsolationReport
from fleet.isolation_section import isolation_section
from fleet.limits import Limits
from fleet.reading import each_stack
from fleet.synthesized import SynthesizedStack

PARTS: Final = Path(__file__).with_name("page_parts")
ENOUGH: Final = 0.8
"""The share of a quota from which a page shows it as nearly taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One tenant in one stack.

    Attributes:
        tenant: id.
        kind: `silo` or `Fargate tenant`.
        stack: id of the stack.
        region: of the stack.
        place: the silo's network, or the host of the service.
        priority: of the service's rule; `None` in a silo.
        tasks: of the service, at first and at most; `None` in a silo.
    """

    tenant: str
    kind: str
    stack: str
    region: str
    place: str
    priority: int | None = None
    tasks: tuple[int, int] | None = None


def entries(stack: SynthesizedStack) -> list[Entry]:
    """Return the tenants that `stack` has something of, in the order of their ids."""
    if stack.silo is not None:
        networks = sorted(stack.literals("aws_vpc", "cidr_block"))
        return [
            Entry(
                tenant=stack.silo, kind=SILO, stack=stack.id, region=stack.region, place=", ".join(networks)
            )
        ]
    rules: dict[str | None, dict[str, Any]] = {}
    for rule in stack.all("aws_lb_listener_rule").values():
        hosts = [
            host
            for condition in rule.get("condition", ())
            for host in (condition.get("host_header") or {}).get("values", ())
        ]
        rules[stack.owner(rule)] = {"priority": rule.get("priority"), "place": hosts[0] if hosts else ""}
    sizes = {stack.owner(service): (least, most) for service, _, least, most in tasks(stack)}
    return [
        Entry(
            tenant=tenant,
            kind=FARGATE,
            stack=stack.id,
            region=stack.region,
            place=rules.get(tenant, {}).get("place", ""),
            priority=rules.get(tenant, {}).get("priority"),
            tasks=sizes.get(tenant),
        )
        for tenant in sorted({owner for owner in (*rules, *sizes) if owner})
    ]


def answer(stack: SynthesizedStack) -> tuple[Footprint, cost.Bill, list[Entry]]:
    """Return all that the page says of one stack."""
    return footprint(stack), cost.bill(stack), entries(stack)


def page(outdir: Path, limits: Limits, isolation: IsolationReport | None = None) -> tuple[str, int]:
    """Return the page of the stacks below `outdir`, and how many rows of tenants it has.

    Args:
        outdir: what was synthesized, such as `cdktf.out`.
        limits: what the account is allowed.
        isolation: what the prover said of these stacks, if it was asked.

    Raises:
        UnreadableStacksError: nothing was synthesized there.
    """
    footprints, bills, listed = zip(*each_stack(outdir, answer), strict=True)
    rows = sorted((entry for found in listed for entry in found), key=lambda one: (one.tenant, one.stack))
    html = _html(rows, quota.budget_of(footprints, limits), cost.cost_of(bills), isolation)
    return html, len(rows)


def _html(
    rows: Sequence[Entry], budget: quota.Budget, priced: cost.Cost, isolation: IsolationReport | None
) -> str:
    style, script = ((PARTS / name).read_text() for name in ("page.css", "page.js"))
    # Nothing else may run or be fetched, even if text that people wrote were not escaped.
    policy = f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'"
    kinds = sorted({row.kind for row in rows})
    return Template((PARTS / "page.html").read_text()).substitute(
        policy=policy,
        style=style,
        script=script,
        heading=escape(quota.heading(budget)),
        summary=_summary(budget, priced, isolation),
        isolation=isolation_section(isolation),
        kinds="".join(f'<option value="{escape(kind)}">{escape(kind)}</option>' for kind in kinds),
        count=f"{len(rows)}",
        rows=_tenant_rows(rows, priced),
        allowed=escape(
            f"What is allowed: {budget.limits.said_by or 'the defaults of AWS, where nobody said otherwise'}."
        ),
        met="".join(f"<li>{escape(line[:1].upper() + line[1:])}</li>" for line in quota.met_first(budget)),
        problems="".join(
            f'<p class="bad">{escape(problem)}</p>' for problem in quota.document(budget)["problems"]
        ),
        quotas=_quota_rows(budget),
        prices=escape(" ".join(cost.heading(priced))),
        lines=_cost_rows(priced),
        total=escape(cost.money(priced.total)),
        unpriced=_unpriced(priced),
    )


def _summary(budget: quota.Budget, priced: cost.Cost, isolation: IsolationReport | None) -> str:
    """Return what a reader wants to know first, as terms with their values."""
    full = sum(row.share >= ENOUGH for row in budget.rows)
    terms = {
        "Stacks": f"{len(budget.footprints):,}",
        "Isolation": "not proved" if isolation is None else isolation.verdict,
        "Dollars a month, at rest": cost.money(priced.total),
        f"Quotas taken by {ENOUGH:.0%} or more": f"{full} of {len(budget.rows)}",
    }
    return "".join(
        f"<div><dt>{escape(term)}</dt><dd>{escape(value)}</dd></div>" for term, value in terms.items()
    )


def _digest(text: str) -> str:
    """Return the source expression of a content security policy that allows just `text`."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _row(cells: Iterable[tuple[object, str]]) -> str:
    """Return a row of texts, each with the class of its cell."""
    shown = (
        f'<td class="{of}">{escape(str(text))}</td>' if of else f"<td>{escape(str(text))}</td>"
        for text, of in cells
    )
    return f"<tr>{''.join(shown)}</tr>"


def _tenant_rows(rows: Iterable[Entry], priced: cost.Cost) -> str:
    amounts = {(share.tenant, share.stack): share.amount for share in priced.shares}
    return "\n".join(
        _row(
            (
                (row.tenant, ""),
                (row.kind, ""),
                (row.stack, "minor"),
                (row.region, "minor"),
                (row.place, ""),
                ("" if row.priority is None else row.priority, "number minor"),
                (
                    "" if row.tasks is None else " to ".join(map(str, dict.fromkeys(row.tasks))),
                    "number minor",
                ),
                (f"{amounts.get((row.tenant, row.stack), Decimal()):.2f}", "number"),
            )
        )
        for row in rows
    )


def _quota_rows(budget: quota.Budget) -> str:
    lines = []
    for row, said_of in zip(budget.rows, quota.document(budget)["quotas"], strict=True):
        share = min(row.share, 1.0)
        meter = f'<meter min="0" max="1" high="{ENOUGH}" optimum="0" value="{share:.3f}">{share:.0%}</meter>'
        taken, most = (said_of[name] + said_of["standing"] for name in ("taken", "taken_at_most"))
        before = _row(((said_of["quota"], ""), (said_of["code"] or "", "minor"), (row.held.region, "minor")))
        numbers = _row(
            (
                (taken, "number"),
                (most if most != taken else "", "number minor"),
                (said_of["allowed"], "number"),
                (said_of["left"], "number bad" if row.left < 0 else "number"),
            )
        )
        lines.append(f"{before.removesuffix('</tr>')}<td>{meter}</td>{numbers.removeprefix('<tr>')}")
    return "\n".join(lines)


def _cost_rows(priced: cost.Cost) -> str:
    lines = []
    for line in cost.document(priced)["lines"]:
        one = (
            "?"
            if line["price"] is None
            else f"{line['price']} a{'n' * (line['per'] == 'hour')} {line['per']}"
        )
        amount = "no price" if line["amount"] is None else cost.money(Decimal(line["amount"]))
        lines.append(
            _row(((line["what"], ""), (line["number"], "number"), (one, "number"), (amount, "number")))
        )
    return "\n".join(lines)


def _unpriced(priced: cost.Cost) -> str:
    by_use = "".join(
        f"<li>{escape(f'{kind} ({count}): {BY_USE[kind]}')}</li>" for kind, count in priced.by_use.items()
    )
    unknown = "".join(
        f'<p class="bad">{escape(f"Not known, and not in the total: {kind} ({count})")}</p>'
        for kind, count in priced.unknown.items()
    )
    return f"{f'<p>Paid by use alone:</p><ul>{by_use}</ul>' if by_use else ''}{unknown}"
