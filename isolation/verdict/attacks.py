"""The attackers that act by themselves: tenants, foreign accounts, callers without credentials, the network."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from isolation.catalogue.findings import ENDPOINT, MOVED, NOT_MODELLED, SECURITY_GROUP
from isolation.model.caller import ANONYMOUS, FOREIGN, PLATFORM
from isolation.model.outsiders import anonymous, foreign_account
from isolation.model.target import Target
from isolation.network.network import Network
from isolation.network.path import NetworkPath
from isolation.reach.candidates import candidates
from isolation.reach.foothold import Foothold
from isolation.reach.workloads import first_footholds
from isolation.verdict.case import Case
from isolation.verdict.finding import Finding, Verdict
from isolation.verdict.place import Place, place_of, places_in


def attack_as_tenants(case: Case) -> dict[str, list[Foothold]]:
    """Attack as every tenant, and return whom each of them can act as."""
    found = {}
    for tenant in case.report.tenants:
        first = first_footholds(case.identities[tenant], case.employments[tenant], case.roles, case.operated)
        found[tenant] = case.closure.footholds(first)
        for foothold in found[tenant]:
            _attack(case, tenant, foothold)
    return found


def attack_from_outside(case: Case) -> None:
    """Attack as somebody in another account, and as a caller without credentials."""
    accounts = [Foothold(foreign_account(number)) for number in case.strangers]
    for foothold in case.closure.footholds(accounts):
        if foothold.caller.type != "foreign":
            _attack(case, FOREIGN, foothold)
            continue
        for target in case.inventory.targets:
            if _open_to(target, foothold.caller.account):
                case.attempt(FOREIGN, foothold, target)
    for number in case.index.open:
        case.attempt(ANONYMOUS, Foothold(anonymous()), case.index.targets[number])


def attack_by_network(case: Case, network: Network) -> None:
    """Report every way through the network that must not be.

    Of several rules that let the same workloads meet, the network tells one: what is accepted is left out, and asked
    again, so that it hides nothing.
    """
    accepted = {found for path in network.paths() for found in _add_path(case, path)}
    rest = Network(case.inventory, case.prover, case.index) if accepted else network
    while rest.ignore(accepted):
        accepted = {found for path in rest.paths() for found in _add_path(case, path)}


def attack_by_edges(case: Case) -> None:
    """Report the data and the code that arguments move to, or from, another owner."""
    for edge in case.inventory.edges:
        owner = edge.owner or PLATFORM
        finding = Finding(
            "VIOLATED",
            edge.attacker,
            owner,
            edge.kind,
            who="an argument",
            because=(edge.story,),
            type=MOVED,
            place=place_of(edge.story),
        )
        case.report.add(finding)


def doubt_what_is_not_modelled(case: Case) -> None:
    """Make every verdict UNKNOWN that would be PROVED in spite of something that is not modelled."""
    kept = []
    for owner, text in case.report.gaps:
        place = place_of(text)
        if case.report.waivers.of(NOT_MODELLED.id, place.address) is None:
            kept.append((owner, text))
        for attacker in case.report.attackers:
            # What is not modelled of an attacker may give it more than is known.
            for other in case.report.owners if attacker == owner else [owner]:
                if attacker != other:
                    finding = Finding(
                        "UNKNOWN",
                        attacker,
                        other,
                        "other",
                        who="anybody",
                        because=(text,),
                        type=NOT_MODELLED,
                        place=place,
                    )
                    case.report.add(finding)
    case.report.gaps = kept


def _add_path(case: Case, path: NetworkPath) -> Iterator[str]:
    """Report `path`, and return the address of a rule that is accepted."""
    verdict: Verdict = "VIOLATED" if path.certain else "UNKNOWN"
    attackers = [path.attacker] if path.attacker else case.report.tenants
    owners = [path.owner] if path.owner else case.report.tenants
    for attacker, owner in product(attackers, owners):
        if owner != attacker:
            finding = Finding(
                verdict,
                attacker,
                owner,
                path.kind,
                who="the network",
                because=path.story,
                type=path.finding,
                place=_place(path),
            )
            if case.report.add(finding).verdict == "ACCEPTED" and path.finding is SECURITY_GROUP:
                yield finding.place.address


def _place(path: NetworkPath) -> Place:
    """Return the rule that lets a packet in, the endpoint that it passes, or else what the story begins with."""
    if path.finding is SECURITY_GROUP:
        return (places_in(path.story[-1]) or [Place()])[-1]
    lines = reversed(path.story) if path.finding is ENDPOINT else path.story
    return next((place for line in lines for place in places_in(line)), Place())


def _attack(case: Case, attacker: str, foothold: Foothold) -> None:
    for target in candidates(case.prover, case.index, foothold.caller):
        case.attempt(attacker, foothold, target)


def _open_to(target: Target, account: str) -> bool:
    """Whether the target's policy may name somebody in the foreign `account`."""
    return any(
        statement.allows
        and (
            statement.not_principal
            or any(
                pattern.kind == "any" or (pattern.kind in {"account", "arn"} and account in pattern.name)
                for pattern in statement.principals or ()
            )
        )
        for statement in target.policy
    )
