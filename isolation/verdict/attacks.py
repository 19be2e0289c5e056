"""The attackers that act by themselves: tenants, foreign accounts, callers without credentials, the network."""

from __future__ import annotations

from isolation.model.caller import ANONYMOUS, FOREIGN
from isolation.model.outsiders import anonymous, foreign_account
from isolation.model.target import Target
from isolation.network.network import Network
from isolation.reach.candidates import candidates
from isolation.reach.foothold import Foothold
from isolation.reach.workloads import first_footholds
from isolation.verdict.case import Case
from isolation.verdict.finding import Finding, Verdict


def attack_as_tenants(case: Case) -> dict[str, list[Foothold]]:
    """Attack as every tenant, and return whom each of them can act as."""
    found = {}
    for tenant in case.report.tenants:
        first = first_footholds(case.identities[tenant], case.employments[tenant], case.roles)
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
    """Report every way through the network that must not be."""
    for path in network.paths():
        verdict: Verdict = "VIOLATED" if path.certain else "UNKNOWN"
        for attacker in [path.attacker] if path.attacker else case.report.tenants:
            for owner in [path.owner] if path.owner else case.report.tenants:
                if owner != attacker:
                    finding = Finding(
                        verdict, attacker, owner, path.kind, who="the network", because=path.story
                    )
                    case.report.add(finding)


def doubt_what_is_not_modelled(case: Case) -> None:
    """Make every verdict UNKNOWN that would be PROVED in spite of something that is not modelled."""
    for owner, text in case.report.gaps:
        for attacker in case.report.attackers:
            if attacker != owner:
                finding = Finding("UNKNOWN", attacker, owner, "other", who="anybody", because=(text,))
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
