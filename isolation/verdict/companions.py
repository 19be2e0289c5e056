"""Companions of the proofs: somebody entitled can do what others cannot, so that no proof is vacuous."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from isolation.catalogue.findings import VACUOUS
from isolation.model.caller import PLATFORM, Caller
from isolation.model.outsiders import administrator
from isolation.model.target import Target
from isolation.network.network import Network
from isolation.verdict.case import Case
from isolation.verdict.report import Companion
from isolation.verdict.waivers import Waivers

OPERATED_BY_THE_ACCOUNT: Final = frozenset(
    {
        "account",
        "api",
        "backups",
        "builds",
        "balancer",
        "certificate",
        "database",
        "dns",
        "events",
        "firewall",
        "machine",
        "mapping",
        "monitoring",
        "network",
        "other",
        "role",
        "task",
        "users",
    }
)
"""Kinds that a tenant's own workloads do not operate: an administrator is their companion."""


def companions(case: Case, network: Network) -> list[Companion]:
    """Return one companion for each owner and each kind of its resources, waivers apart."""
    targets: dict[tuple[str, str], list[Target]] = {}
    for target in case.inventory.targets:
        targets.setdefault((target.owner or PLATFORM, target.kind), []).append(target)
    packets = network.companions()
    found = []
    for owner, kinds in case.report.kinds.items():
        for kind in kinds:
            if kind == "network" and owner in packets:
                who, action = "its own workloads", packets[owner]
                found.append(Companion(owner, kind, satisfiable=True, who=who, action=action))
            else:
                found.append(_companion(case, owner, kind, targets[owner, kind]))
    return found


def _companion(case: Case, owner: str, kind: str, targets: list[Target]) -> Companion:
    for caller, target in _entitled(case, None if owner == PLATFORM else owner, kind, targets):
        request = case.prover.witness(caller, target)
        if request is not None:
            action, resource = request.action, request.resource
            return Companion(owner, kind, satisfiable=True, who=caller.name, action=action, resource=resource)
    return Companion(owner, kind, satisfiable=False, address=targets[0].address)


def accepted(found: list[Companion], waivers: Waivers) -> list[Companion]:
    """Return `found`, each that is not satisfiable with what accepts that."""
    return [
        one if one.satisfiable else replace(one, waiver=waivers.of(VACUOUS.id, one.address)) for one in found
    ]


def _entitled(
    case: Case, owner: str | None, kind: str, targets: list[Target]
) -> Iterator[tuple[Caller, Target]]:
    """Return who may be entitled to what; first those that tell a reader most."""
    users = case.users(owner)
    for target in targets:
        yield from ((caller, target) for caller in users.get(id(target), ()))
    if kind == "events":
        # Only the platform signs tenants up; a tenant sends events of its own, on a bus that rules share.
        buses = {(target.patterns, target.actions): target for target in targets}
        for target in buses.values():
            yield from ((caller, replace(target, context=())) for caller in case.identities[owner])
    for target in targets:
        yield from ((service, target) for service in _services_for(case, owner, target))
    if kind in OPERATED_BY_THE_ACCOUNT or owner is None:
        for target in targets:
            yield administrator(case.inventory.account), target


def _services_for(case: Case, owner: str | None, target: Target) -> Iterator[Caller]:
    """Return the services that the target's policy names, acting for the owner's own resources."""
    if owner is None:
        return
    names = {
        pattern.name
        for statement in target.policy
        for pattern in statement.principals or ()
        if pattern.kind == "service"
    }
    for service in sorted(names):
        found = case.service_for(service, owner)
        if found is not None:
            yield found
