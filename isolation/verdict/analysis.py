"""Analyses all stacks: every attacker against every owner, then the companions, then what is trusted."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from isolation.inventory.reading import take_inventory
from isolation.model.caller import PLATFORM
from isolation.network.network import Network
from isolation.verdict.attacks import (
    attack_as_tenants,
    attack_by_edges,
    attack_by_network,
    attack_from_outside,
    doubt_what_is_not_modelled,
)
from isolation.verdict.case import Case
from isolation.verdict.companions import companions
from isolation.verdict.deputies import attack_by_services
from isolation.verdict.report import Report
from isolation.verdict.trusted import trusted

NO_SUCH_ACCOUNT: Final = 999_999_999_999
"""Where the search for an account number that no document contains begins; it counts down."""

_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")


def analyse(documents: Mapping[str, Mapping[str, Any]], account: str | None = None) -> Report:
    """Analyse the documents of all stacks.

    The documents do not say which account they are deployed to. An account number in a policy may be theirs or
    another one; so without `account` the questions are asked for an account whose number is in no document, and once
    more for each number that is, and the worst answer counts.

    Raises:
        InputError: a document does not have the shape of Terraform's JSON.
    """
    written = sorted(
        {number for document in documents.values() for number in _ACCOUNT.findall(repr(document))}
    )
    homes = [account] if account else [_unused(written), *written]
    reports = [_analyse(documents, home, written) for home in homes]
    worst = reports[0]
    for report in reports[1:]:
        worst.merge(report)
    return worst


def _unused(written: Iterable[str], above: int = 0) -> str:
    taken = set(written)
    number = NO_SUCH_ACCOUNT - above
    while str(number) in taken:
        number -= 1
    return str(number)


def _analyse(documents: Mapping[str, Mapping[str, Any]], home: str, written: list[str]) -> Report:
    """Analyse the stacks as deployed to the account `home`."""
    inventory = take_inventory(documents, home)
    kinds: dict[str, set[str]] = defaultdict(set)
    for target in inventory.targets:
        kinds[target.owner or PLATFORM].add(target.kind)
    report = Report(
        stacks=[stack.id for stack in inventory.stacks],
        tenants=inventory.tenants,
        kinds={owner: sorted(found) for owner, found in sorted(kinds.items())},
        gaps=[(owner or PLATFORM, text) for owner, text in inventory.gaps],
    )
    strangers = [_unused([*written, home], 1), *(number for number in written if number != home)]
    case = Case(inventory, report, strangers)
    configurers = attack_as_tenants(case)
    attack_from_outside(case)
    attack_by_services(case, configurers)
    network = Network(inventory, case.prover, case.index)
    attack_by_network(case, network)
    attack_by_edges(case)
    report.companions = companions(case, network)
    doubt_what_is_not_modelled(case)
    report.trusted = trusted(inventory)
    report.asked, report.solved = case.prover.solver.asked, case.prover.solver.solved
    return report
