"""The attackers that act by themselves: tenants, foreign accounts, callers without credentials, the network."""

from __future__ import annotations

from isolation.model.caller import ANONYMOUS, FOREIGN, PLATFORM
from isolation.model.outsiders import anonymous, foreign_account
from isolation.model.target import Target
from isolation.network.network import Network
from isolation.reach.candidates import candidates
from isolation.reach.footholds import Foothold, footholds, may_configure_services
from isolation.verdict.case import Case
from isolation.verdict.finding import Finding, Verdict


def attack_as_tenants(case: Case) -> list[str]:
    """Attack as every tenant, and return the tenants that can make an AWS service act as they choose."""
    configurers = []
    for tenant in case.report.tenants:
        attacker = footholds(case.prover, case.index, case.roles, case.identities[tenant])
        for foothold in attacker:
            _attack(case, tenant, foothold)
        if may_configure_services(case.prover, attacker):
            configurers.append(tenant)
    return configurers


def attack_from_outside(case: Case) -> None:
    """Attack as somebody in another account, and as a caller without credentials."""
    accounts = [foreign_account(number) for number in case.strangers]
    for foothold in footholds(case.prover, case.index, case.roles, accounts):
        if foothold.caller.type != "foreign":
            _attack(case, FOREIGN, foothold)
            continue
        for target in case.inventory.targets:
            if _open_to(target, foothold.caller.account):
                case.attempt(FOREIGN, foothold, target)
    for number in case.index.open:
        case.attempt(ANONYMOUS, Foothold(anonymous()), case.index.targets[number])


def attack_by_network(case: Case, network: Network) -> None:
    """Report every way through the network that must not be."""
    for path in network.paths():
        verdict: Verdict = "VIOLATED" if path.certain else "UNKNOWN"
        for owner in [path.owner] if path.owner else case.report.tenants:
            if owner != path.attacker:
                finding = Finding(
                    verdict, path.attacker, owner, path.kind, who="the network", because=path.story
                )
                case.report.add(finding)


def attack_by_edges(case: Case) -> None:
    """Report the data and the code that arguments move to, or from, another owner."""
    for edge in case.inventory.edges:
        owner = edge.owner or PLATFORM
        finding = Finding(
            "VIOLATED", edge.attacker, owner, edge.kind, who="an argument", because=(edge.story,)
        )
        case.report.add(finding)


def doubt_what_is_not_modelled(case: Case) -> None:
    """Make every verdict UNKNOWN that would be PROVED in spite of something that is not modelled."""
    for owner, text in case.report.gaps:
        for attacker in case.report.attackers:
            # What is not modelled of an attacker may give it more than is known.
            for other in case.report.owners if attacker == owner else [owner]:
                if attacker != other:
                    finding = Finding("UNKNOWN", attacker, other, "other", who="anybody", because=(text,))
                    case.report.add(finding)


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
