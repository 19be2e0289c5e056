"""One analysis in progress: what it is about, and the attempts that have been made."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

from isolation.inventory.inventory import Inventory
from isolation.inventory.operated import operated_roles
from isolation.model.caller import PLATFORM, Caller
from isolation.model.employment import Employment
from isolation.model.outsiders import service_for_tenant
from isolation.model.target import Target
from isolation.reach.candidates import candidates
from isolation.reach.foothold import Foothold
from isolation.reach.footholds import Closure
from isolation.reach.index import Index
from isolation.reach.prover import Outcome, Prover
from isolation.verdict.finding import Finding
from isolation.verdict.outcomes import place_of_outcome, type_of, without
from isolation.verdict.report import Report
from isolation.verdict.sources import Sources


class Case:
    """One analysis of stacks that are deployed to one account.

    Attributes:
        inventory: of the stacks.
        report: what is found so far.
        strangers: numbers of accounts that the stacks are not deployed to.
        prover: answers the questions.
        index: of the targets.
        sources: the ARNs that services may act for.
        operated: ARNs of the roles that AWS alone acts as.
        roles: every role and user of the stacks, by ARN.
        identities: the same, by owner; `None` is the platform.
        closure: finds whom an attacker can act as.
        employments: whom workloads run as, by the owner of the workload.
        queues: the queues, by ARN.
    """

    def __init__(self, inventory: Inventory, report: Report, strangers: list[str]) -> None:
        self.inventory = inventory
        self.report = report
        self.strangers = strangers
        self.prover = Prover()
        self.index = Index(inventory.targets)
        self.sources = Sources(inventory)
        self.operated = operated_roles(inventory.targets)
        self.roles = {identity.arn: identity for identity in inventory.identities}
        self.closure = Closure(self.prover, self.index, self.roles)
        self.identities: dict[str | None, list[Caller]] = defaultdict(list)
        for identity in inventory.identities:
            self.identities[identity.owner].append(identity)
        self.employments: dict[str | None, list[Employment]] = defaultdict(list)
        for employment in inventory.employments:
            self.employments[employment.owner].append(employment)

        self.queues: dict[str, list[Target]] = defaultdict(list)
        for target in inventory.targets:
            if target.kind == "queue":
                self.queues[target.arn].append(target)
        self._users: dict[str | None, Mapping[int, list[Caller]]] = {}
        self._services: dict[tuple[str, str], Caller | None] = {}

    def service_for(self, service: str, tenant: str) -> Caller | None:
        """Return `service` acting for all resources of `tenant` that it may act for; `None` if there is none."""
        if (service, tenant) not in self._services:
            self._services[service, tenant] = service_for_tenant(
                service, tenant, self.sources.of(tenant), self.inventory.account
            )
        return self._services[service, tenant]

    def users(self, owner: str | None) -> Mapping[int, list[Caller]]:
        """Return, by the id of each target of `owner`, which of its own roles and users patterns may let reach it."""
        if owner not in self._users:
            found: dict[int, list[Caller]] = defaultdict(list)
            for caller in self.identities[owner]:
                for target in candidates(self.prover, self.index, caller):
                    if target.owner == owner:
                        found[id(target)].append(caller)
            self._users = {owner: found}
        return self._users[owner]

    def attempt(self, attacker: str, foothold: Foothold, target: Target) -> None:
        """Ask whether `attacker` reaches `target` from `foothold`, unless its cell is VIOLATED already."""
        owner = target.owner or PLATFORM
        known = self.report.findings.get((attacker, owner, target.kind))
        if attacker == owner or (known is not None and known.verdict == "VIOLATED"):
            return
        accepted: frozenset[str] = frozenset()
        outcome = self.prover.reach(foothold.caller, target)
        while outcome.answer != "no":
            place = place_of_outcome(outcome, target, accepted)
            if place is None:
                return
            finding = self.report.add(
                replace(finding_of(attacker, owner, foothold, target, outcome), place=place)
            )
            if finding.verdict != "ACCEPTED":
                return
            # What is accepted is left out, and asked again: it must not hide what is not.
            caller, left = without(foothold.caller, target, outcome, place.address)
            if (caller, left) == (foothold.caller, target) and place.address in accepted:
                return
            foothold, target, accepted = replace(foothold, caller=caller), left, accepted | {place.address}
            outcome = self.prover.reach(foothold.caller, target)


def finding_of(attacker: str, owner: str, foothold: Foothold, target: Target, outcome: Outcome) -> Finding:
    """Return the finding that `outcome` makes of `attacker` on `target` of `owner`, without its place."""
    request = outcome.request
    type_ = type_of(foothold, outcome)
    certain = outcome.answer == "yes" and foothold.certain
    who = foothold.caller
    if request is None:
        return Finding(
            "UNKNOWN",
            attacker,
            owner,
            target.kind,
            who.name,
            resource=target.arn,
            steps=foothold.steps,
            because=outcome.doubts,
            type=type_,
        )
    tags = who.tags or {}
    shown = [f"{name}={tags[name]}" for name in ("TenantId", "tenant_id") if name in tags]
    name = who.name if who.type != "foreign" else f"{who.name}, for instance {request.caller.arn}"
    context = {
        key: ", ".join(values)
        for key, values in request.context.items()
        if key != "aws:securetransport" or values != ("true",)
    }
    return Finding(
        verdict="VIOLATED" if certain else "UNKNOWN",
        attacker=attacker,
        owner=owner,
        kind=target.kind,
        who=f"{name} (tags {', '.join(shown)})" if shown else name,
        action=request.action,
        resource=request.resource,
        context=tuple(sorted(context.items())),
        steps=foothold.steps,
        because=outcome.statements or outcome.doubts,
        type=type_,
    )
