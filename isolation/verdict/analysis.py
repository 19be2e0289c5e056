"""Analyses all stacks: every attacker against every owner, then the companions, then what is trusted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from isolation.inventory.reading import take_inventory
from isolation.logic.solver import Solver
from isolation.model.caller import PLATFORM
from isolation.network.network import Network
from isolation.synthesized.input_error import InputError
from isolation.synthesized.shape import check_documents
from isolation.verdict.attacks import (
    attack_as_tenants,
    attack_by_edges,
    attack_by_network,
    attack_from_outside,
    doubt_what_is_not_modelled,
)
from isolation.verdict.beside import Beside
from isolation.verdict.by_argument import attack_by_arguments
from isolation.verdict.case import Case
from isolation.verdict.collection import without_collection
from isolation.verdict.companions import accepted, companions
from isolation.verdict.deputies import attack_by_services
from isolation.verdict.report import Companion, Report
from isolation.verdict.trusted import trusted
from isolation.verdict.waivers import Waivers

NO_SUCH_ACCOUNT: Final = 999_999_999_999
"""Where the search for an account number that no document contains begins; it counts down."""

MANY_TARGETS: Final = 500
"""Below which a process of its own costs more than it saves."""

_DIGITS: Final = re.compile(r"[0-9]{12,}")
_ACCOUNT_DIGITS: Final = 12


def analyse(
    documents: Mapping[str, Mapping[str, Any]], account: str | None = None, waivers: Waivers | None = None
) -> Report:
    """Analyse the documents of all stacks.

    The documents do not say which account they are deployed to. An account number in a policy may be theirs or
    another one; so without `account` the questions are asked for an account whose number is in no document, and once
    more for each number that is, and the worst answer counts.

    Args:
        documents: by stack id.
        account: the number of the account that the stacks are deployed to, if it is known.
        waivers: what is accepted.

    Raises:
        InputError: a document does not have the shape of Terraform's JSON, or there is nothing to prove.
    """
    check_documents(documents)
    written = sorted(
        {
            number
            for document in documents.values()
            for number in _DIGITS.findall(repr(document))
            if len(number) == _ACCOUNT_DIGITS
        }
    )
    homes = [account] if account else [_unused(written), *written]
    waivers = waivers or Waivers()
    with without_collection():
        reports = [_analyse(documents, home, written, waivers) for home in homes]
    worst = reports[0]
    for report in reports[1:]:
        worst.merge(report)
    if not any(worst.kinds.values()) and not any(_of_resource(gap) for _, gap in worst.gaps):
        received, expected = "nothing that somebody could reach", "a resource such as a bucket or a role"
        raise InputError(", ".join(sorted(documents)), received, expected)
    return worst


def _of_resource(gap: str) -> bool:
    """Whether `gap` is about a resource, rather than about the root module."""
    return "/" in gap.partition(": ")[0]


def _unused(written: Iterable[str], above: int = 0) -> str:
    taken = set(written)
    number = NO_SUCH_ACCOUNT - above
    while str(number) in taken:
        number -= 1
    return str(number)


def _analyse(
    documents: Mapping[str, Mapping[str, Any]], home: str, written: list[str], waivers: Waivers
) -> Report:
    """Analyse the stacks as deployed to the account `home`."""
    inventory = take_inventory(documents, home)
    kinds: dict[str, set[str]] = defaultdict(set)
    for target in inventory.targets:
        kinds[target.owner or PLATFORM].add(target.kind)
    for owner, _ in inventory.gaps:
        kinds[owner or PLATFORM].update(())
    report = Report(
        stacks=[stack.id for stack in inventory.stacks],
        tenants=inventory.tenants,
        kinds={owner: sorted(found) for owner, found in sorted(kinds.items())},
        gaps=[(owner or PLATFORM, text) for owner, text in inventory.gaps],
        waivers=waivers,
    )
    strangers = [_unused([*written, home], 1), *(number for number in written if number != home)]
    case = Case(inventory, report, strangers)
    network = Network(inventory, case.prover, case.index)
    solver = case.prover.solver

    def entitled() -> tuple[list[Companion], Solver]:
        # What is asked here is counted once, whether here is a process of its own or not.
        before, solver.asked = solver.asked, 0
        found = companions(case, network)
        theirs, solver.asked = replace(solver), before
        return found, theirs

    # About half of the work. It needs none of what the attacks find, and they none of what it finds.
    beside = Beside(entitled, worthwhile=len(inventory.targets) >= MANY_TARGETS)
    attackers = attack_as_tenants(case)
    attack_from_outside(case)
    attack_by_services(case, attackers)
    attack_by_network(case, network)
    attack_by_arguments(case, attackers, network)
    attack_by_edges(case)
    found, theirs = beside.result()
    report.companions = accepted(found, waivers)
    doubt_what_is_not_modelled(case)
    report.trusted = trusted(inventory)
    solver.take(theirs)
    report.asked, report.solved = solver.asked, solver.solved
    return report
