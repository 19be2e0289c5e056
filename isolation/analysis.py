"""The verdicts: for each attacker, each tenant and each kind of resource."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final, Literal

from isolation.attackers import anonymous, foreign_account, service_for_foreigner, service_for_tenant
from isolation.escalation import Foothold, footholds, may_configure_services
from isolation.iam import ParsedStatement
from isolation.inventory import Inventory, take_inventory
from isolation.model import ANONYMOUS, FOREIGN, OUTSIDERS, PLATFORM, SERVICE, Caller, Target
from isolation.network import Network
from isolation.patterns import PrefixIndex
from isolation.reach import Index, Outcome, Prover, candidates
from isolation.terraform import build_stacks

Verdict = Literal["PROVED", "VIOLATED", "UNKNOWN"]
SEVERITY: Final[Mapping[Verdict, int]] = {"PROVED": 0, "UNKNOWN": 1, "VIOLATED": 2}
NO_SUCH_ACCOUNT: Final = 999_999_999_999
_ACCOUNT: Final = re.compile(r"(?<!\d)\d{12}(?!\d)")
_SOURCE_KEYS: Final = frozenset({"aws:sourcearn", "kms:encryptioncontext:aws:logs:arn"})
_POSITIVE: Final = frozenset({"ArnEquals", "ArnLike", "StringEquals", "StringLike"})
OPERATED_BY_THE_ACCOUNT: Final = frozenset(
    {"api", "users", "task", "database", "events", "network", "role", "other"}
)
"""Kinds that a tenant's own workloads do not operate: there an administrator shows that the proof is not vacuous."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Why a cell is not PROVED.

    Attributes:
        verdict: VIOLATED or UNKNOWN.
        attacker: a tenant, or one of `OUTSIDERS`.
        owner: whose resource it is.
        kind: of the resource.
        who: the principal that acts, and with which tags.
        action: what it does.
        resource: on which ARN.
        context: with which condition keys.
        steps: how it comes to be that principal.
        because: sources of the statements that allow it, or what is not modelled.
    """

    verdict: Verdict
    attacker: str
    owner: str
    kind: str
    who: str
    action: str = ""
    resource: str = ""
    context: tuple[tuple[str, str], ...] = ()
    steps: tuple[str, ...] = ()
    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Companion:
    """Whether the owner can do what others cannot.

    Attributes:
        owner: the tenant or the platform.
        kind: of its resources.
        satisfiable: whether somebody entitled can.
        who: who can.
        action: what.
        resource: on what.
    """

    owner: str
    kind: str
    satisfiable: bool
    who: str = ""
    action: str = ""
    resource: str = ""


@dataclass(slots=True)
class Report:
    """The result of an analysis.

    Attributes:
        stacks: ids of the stacks.
        tenants: sorted.
        kinds: by owner, the kinds of resources it has.
        findings: by attacker, owner and kind; a cell that is not there is PROVED.
        companions: one for each owner and kind.
        gaps: what is not modelled.
        trusted: who is trusted.
        asked: questions put to the solver.
        solved: questions that differed.
    """

    stacks: list[str]
    tenants: list[str]
    kinds: dict[str, list[str]]
    findings: dict[tuple[str, str, str], Finding] = field(default_factory=dict)
    companions: list[Companion] = field(default_factory=list)
    gaps: list[tuple[str, str]] = field(default_factory=list)
    trusted: list[str] = field(default_factory=list)
    asked: int = 0
    solved: int = 0

    @property
    def attackers(self) -> list[str]:
        """Return every attacker: the tenants, then the outsiders."""
        return [*self.tenants, *OUTSIDERS]

    @property
    def owners(self) -> list[str]:
        """Return everyone whose resources are protected."""
        return sorted(self.kinds, key=lambda owner: (owner == PLATFORM, owner))

    @property
    def verdict(self) -> Verdict:
        """Return the worst verdict of all."""
        verdicts: list[Verdict] = [finding.verdict for finding in self.findings.values()]
        if self.gaps or any(not companion.satisfiable for companion in self.companions):
            verdicts.append("UNKNOWN")
        return max(verdicts, key=SEVERITY.__getitem__, default="PROVED")

    @property
    def worst(self) -> dict[tuple[str, str], Verdict]:
        """Return the worst verdict by attacker and owner, where it is not PROVED."""
        found: dict[tuple[str, str], Verdict] = {}
        for (attacker, owner, _), finding in self.findings.items():
            known = found.get((attacker, owner), "PROVED")
            found[attacker, owner] = max(known, finding.verdict, key=SEVERITY.__getitem__)
        return found

    def add(self, finding: Finding) -> None:
        """Keep `finding` unless its cell holds one as bad."""
        cell = (finding.attacker, finding.owner, finding.kind)
        known = self.findings.get(cell)
        if known is None or SEVERITY[finding.verdict] > SEVERITY[known.verdict]:
            self.findings[cell] = finding


def analyse(documents: Mapping[str, Mapping[str, Any]], account: str | None = None) -> Report:
    """Analyse the documents of all stacks.

    The account that they are deployed to is not known to them. A policy that writes an account's number may mean that
    account or another one; so without `account` the question is put for an account that nobody wrote, and once more for
    each number that is written, and the worst answer counts.

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
        for finding in report.findings.values():
            worst.add(finding)
        worst.companions = [
            ours if not ours.satisfiable else theirs if not theirs.satisfiable else ours
            for ours, theirs in zip(worst.companions, report.companions, strict=True)
        ]
        worst.asked += report.asked
        worst.solved += report.solved
    return worst


def load(documents: Mapping[str, Mapping[str, Any]], account: str) -> Inventory:
    """Return the principals and targets of `documents`, deployed to `account`."""
    return take_inventory(build_stacks(documents, account), account)


def _unused(written: Iterable[str], above: int = 0) -> str:
    taken = set(written)
    number = NO_SUCH_ACCOUNT - above
    while str(number) in taken:
        number -= 1
    return str(number)


def _analyse(documents: Mapping[str, Mapping[str, Any]], home: str, written: list[str]) -> Report:
    inventory = load(documents, home)
    kinds: dict[str, set[str]] = defaultdict(set)
    for target in inventory.targets:
        kinds[target.owner or PLATFORM].add(target.kind)
    report = Report(
        stacks=[stack.id for stack in inventory.stacks],
        tenants=inventory.tenants,
        kinds={owner: sorted(found) for owner, found in sorted(kinds.items())},
        gaps=[(owner or PLATFORM, text) for owner, text in inventory.gaps],
    )
    _Analysis(
        inventory, report, [number for number in written if number != home], _unused([*written, home], 1)
    ).run()
    return report


class _Analysis:
    def __init__(self, inventory: Inventory, report: Report, others: list[str], stranger: str) -> None:
        self._inventory = inventory
        self._report = report
        self._strangers = [stranger, *others]
        self._prover = Prover()
        self._index = Index(inventory.targets)
        self._roles = {caller.arn: caller for caller in inventory.identities}
        self._own: dict[str | None, list[Caller]] = defaultdict(list)
        for caller in inventory.identities:
            self._own[caller.owner].append(caller)
        self._targets: dict[str | None, list[Target]] = defaultdict(list)
        for target in inventory.targets:
            self._targets[target.owner].append(target)
        self._source_owners: PrefixIndex[str] = PrefixIndex()
        self._sources = self._source_arns()

    def run(self) -> None:
        configurers = []
        for tenant in self._report.tenants:
            attacker = footholds(self._prover, self._index, self._roles, self._own[tenant])
            self._attack(tenant, attacker)
            if may_configure_services(self._prover, attacker):
                configurers.append(tenant)
        self._attack_from_outside()
        for target in self._inventory.targets:
            self._attack_by_services(target, configurers)
        network = Network(self._inventory, self._prover, self._index)
        self._attack_by_network(network)
        self._companions(network)
        self._gaps()
        self._report.trusted = self._trusted()
        self._report.asked = self._prover.solver.asked
        self._report.solved = self._prover.solver.solved

    # Attackers

    def _attack(self, attacker: str, attacker_forms: Iterable[Foothold]) -> None:
        for foothold in attacker_forms:
            for target in candidates(self._prover, self._index, foothold.caller):
                self._try(attacker, foothold, target)

    def _try(self, attacker: str, foothold: Foothold, target: Target) -> None:
        owner = target.owner or PLATFORM
        known = self._report.findings.get((attacker, owner, target.kind))
        if attacker == owner or (known is not None and known.verdict == "VIOLATED"):
            return
        outcome = self._prover.reach(foothold.caller, target)
        if outcome.answer != "no":
            self._report.add(_finding(attacker, owner, foothold, target, outcome))

    def _attack_from_outside(self) -> None:
        accounts = footholds(self._prover, self._index, self._roles, map(foreign_account, self._strangers))
        for foothold in accounts:
            if foothold.caller.type == "foreign":
                for target in self._inventory.targets:
                    if _open_to_outsiders(target, foothold.caller.account):
                        self._try(FOREIGN, foothold, target)
            else:
                self._attack(FOREIGN, [foothold])
        for number in self._index.open:
            self._try(ANONYMOUS, Foothold(anonymous()), self._index.targets[number])

    def _attack_by_services(self, target: Target, configurers: list[str]) -> None:
        if target.kind == "role":
            # A service assumes a role only for who may pass it, and roles are passed within their account
            # (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html): see `escalation`.
            return
        services = {
            "*" if pattern.kind == "any" or statement.not_principal else pattern.name
            for statement in target.policy
            if statement.allows
            for pattern in statement.principals or ()
            if pattern.kind in {"any", "service"} or statement.not_principal
        }
        for service in sorted(services):
            for account in self._strangers:
                for bucket in (False, True):
                    caller = service_for_foreigner(service, account, bucket=bucket)
                    self._try(SERVICE, Foothold(caller), target)
            for tenant in self._possible_sources(target, service):
                principals = service_for_tenant(
                    service, tenant, self._sources[tenant], self._inventory.account
                )
                if principals is not None:
                    self._try(tenant, Foothold(principals), target)
            for tenant in configurers:
                self._try(tenant, Foothold(_configured(service, tenant, self._inventory.account)), target)

    def _possible_sources(self, target: Target, service: str) -> list[str]:
        """Return the tenants whose resources may satisfy what the policy asks of the source of a service's call."""
        found: set[str] = set()
        for statement in target.policy:
            if not statement.allows or not _speaks_of_service(statement, service):
                continue
            patterns = _source_patterns(statement)
            if patterns is None:
                return [tenant for tenant in self._report.tenants if tenant != target.owner]
            for pattern in patterns:
                found |= self._owners_of(pattern)
        return sorted(found - {target.owner or ""})

    def _owners_of(self, pattern: str) -> set[str]:
        if "${" in pattern:
            return set(self._report.tenants)
        return self._source_owners.meeting(pattern)

    def _source_arns(self) -> dict[str, tuple[str, ...]]:
        """Return, by tenant, the ARNs that services may act for."""
        found: dict[str, set[str]] = {tenant: set() for tenant in self._report.tenants}
        for target in self._inventory.targets:
            if target.owner is not None and not target.context:
                found[target.owner].update(target.patterns)
        for stack in self._inventory.stacks:
            for flow_log in stack.all("aws_flow_log"):
                if flow_log.owner is not None:
                    found[flow_log.owner].add(stack.arn(flow_log))
        for tenant, arns in found.items():
            for arn in sorted(arns):
                self._source_owners.add(arn, tenant)
        return {tenant: tuple(sorted(arns)) for tenant, arns in found.items()}

    def _attack_by_network(self, network: Network) -> None:
        for contact in network.contacts():
            owners = [contact.owner] if contact.owner else [*self._report.tenants]
            for owner in owners:
                if owner != contact.attacker:
                    verdict: Verdict = "VIOLATED" if contact.certain else "UNKNOWN"
                    self._report.add(
                        Finding(
                            verdict,
                            contact.attacker,
                            owner,
                            contact.kind,
                            "the network",
                            because=contact.story,
                        )
                    )

    def _gaps(self) -> None:
        """Leave no verdict PROVED that rests on something not modelled."""
        for owner, text in self._report.gaps:
            for attacker in self._report.attackers:
                if attacker != owner:
                    self._report.add(Finding("UNKNOWN", attacker, owner, "other", "anybody", because=(text,)))

    # Companions

    def _companions(self, network: Network) -> None:
        packets = network.companions()
        for owner, kinds in self._report.kinds.items():
            for kind in kinds:
                if kind == "network" and owner in packets:
                    companion = Companion(
                        owner, kind, satisfiable=True, who="its own workloads", action=packets[owner]
                    )
                else:
                    companion = self._companion(owner, kind)
                self._report.companions.append(companion)

    def _companion(self, owner: str, kind: str) -> Companion:
        for caller, target in self._entitled(None if owner == PLATFORM else owner, kind):
            outcome = self._prover.reach(caller, target)
            if outcome.answer == "yes" and outcome.request is not None:
                request = outcome.request
                return Companion(owner, kind, True, caller.name, request.action, request.resource)  # noqa: FBT003
        return Companion(owner, kind, satisfiable=False)

    def _entitled(self, owner: str | None, kind: str) -> Iterator[tuple[Caller, Target]]:
        targets = [target for target in self._targets[owner] if target.kind == kind]
        principals = self._own[owner]
        for target in targets:
            for caller in principals:
                yield caller, target
        if kind == "events":
            # Signing up is the platform's business; what a tenant does is send events of its own.
            for target in targets:
                for caller in principals:
                    yield caller, replace(target, context=())
        for target in targets:
            yield from ((service, target) for service in self._services_for(owner, target))
        if kind in OPERATED_BY_THE_ACCOUNT or owner is None:
            for target in targets:
                yield _administrator(self._inventory.account), target

    def _services_for(self, owner: str | None, target: Target) -> Iterator[Caller]:
        names = {
            pattern.name
            for statement in target.policy
            for pattern in statement.principals or ()
            if pattern.kind == "service"
        }
        for service in sorted(names):
            if owner is not None:
                found = service_for_tenant(service, owner, self._sources[owner], self._inventory.account)
                if found is not None:
                    yield found

    def _trusted(self) -> list[str]:
        outside = (
            "Terraform's deployer and every other principal of the account that the stacks do not declare: they may "
            "change any policy"
        )
        lines = [outside, "AWS itself: that it enforces IAM, KMS and VPC as documented"]
        named = sorted(
            {
                value
                for target in self._inventory.targets
                if target.kind == "key"
                for statement in target.policy
                for condition in statement.conditions
                if condition.key == "aws:principalarn" and not condition.negated
                for value in condition.values
            }
        )
        lines += [f"key administrator {name}" for name in named]
        lines += [f"the platform's role {caller.name}" for caller in self._own[None]]
        if any(target.kind == "database" for target in self._inventory.targets):
            lines.append(
                "inside of Aurora: PostgreSQL's own roles separate the tenants, which is not part of this proof"
            )
        return lines


def _administrator(account: str) -> Caller:
    return Caller(
        type="role",
        name="the account's administrator",
        owner=None,
        arn=f"arn:aws:iam::{account}:role/⟦administrator⟧",
        account=account,
        administrator=True,
    )


def _configured(service: str, tenant: str, account: str) -> Caller:
    return Caller(
        type="service",
        name=f"{service} as configured by {tenant}",
        owner=SERVICE,
        service=service,
        sources=("arn:*:s3:::*", f"arn:*:*:*:{account}:*"),
        source_account=account,
    )


def _speaks_of_service(statement: ParsedStatement, service: str) -> bool:
    return statement.not_principal or any(
        pattern.kind == "any" or (pattern.kind == "service" and service == pattern.name)
        for pattern in statement.principals or ()
    )


def _source_patterns(statement: ParsedStatement) -> tuple[str, ...] | None:
    """Return the patterns of which the source's ARN must match one; `None` if the statement does not ask for it."""
    for condition in statement.conditions:
        plain = not condition.if_exists and not condition.quantifier and condition.operator in _POSITIVE
        if condition.key in _SOURCE_KEYS and plain:
            return condition.values
    return None


def _open_to_outsiders(target: Target, account: str) -> bool:
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


def _finding(attacker: str, owner: str, foothold: Foothold, target: Target, outcome: Outcome) -> Finding:
    request = outcome.request
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
    )
