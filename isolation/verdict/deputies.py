"""AWS services as confused deputies: they act for a foreign account, or for another tenant's resource.

https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from isolation.catalogue.condition_keys import QUEUE_CONTEXT, SOURCE_ARN_KEYS
from isolation.iam.language import ParsedCondition, ParsedStatement
from isolation.iam.resource_patterns import may_meet
from isolation.model.caller import SERVICE, Caller
from isolation.model.outsiders import service_as_configured, service_for_foreigner
from isolation.model.target import Target
from isolation.reach.foothold import Foothold
from isolation.reach.services import configurable_sources
from isolation.verdict.case import Case

_POSITIVE: Final = frozenset({"ArnEquals", "ArnLike", "StringEquals", "StringLike"})


def attack_by_services(case: Case, attackers: Mapping[str, list[Foothold]]) -> None:
    """Attack by every service that a target's policy lets in.

    Args:
        case: the analysis.
        attackers: whom each tenant can act as, to make a service act for a resource of its choice.
    """
    configured = _Configured(case, attackers)
    for target in case.inventory.targets:
        # A service assumes a role only for somebody who may pass it, and roles are passed within their account
        # (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html): see `footholds`.
        if target.kind != "role":
            for service in _services_let_in(target):
                _attack_by(case, service, target, configured)


class _Configured:
    """What each tenant can make a service act for, asked once for each service."""

    def __init__(self, case: Case, attackers: Mapping[str, list[Foothold]]) -> None:
        self._case = case
        self._attackers = attackers
        self._known: dict[str, dict[str, tuple[str, ...]]] = {}

    def by(self, service: str) -> dict[str, tuple[str, ...]]:
        """Return, by tenant, the ARNs for which it can make `service` act; tenants that cannot are left out."""
        if service not in self._known:
            found = {
                tenant: configurable_sources(self._case.prover, attacker, service)
                for tenant, attacker in self._attackers.items()
            }
            self._known[service] = {tenant: sources for tenant, sources in found.items() if sources}
        return self._known[service]


def _services_let_in(target: Target) -> list[str]:
    """Return the services to which the target's policy allows something; `*` where it names none in particular."""
    return sorted(
        {
            "*" if pattern.kind == "any" or statement.not_principal else pattern.name
            for statement in target.policy
            if statement.allows
            for pattern in statement.principals or ()
            if pattern.kind in {"any", "service"} or statement.not_principal
        }
    )


def _attack_by(case: Case, service: str, target: Target, configured: _Configured) -> None:
    home = case.inventory.account
    for account in case.strangers:
        for bucket in (False, True):
            deputy = service_for_foreigner(service, account, bucket=bucket)
            _attempt(case, SERVICE, deputy, target)
    for tenant in _possible_sources(case, target, service):
        for_tenant = case.service_for(service, tenant)
        if for_tenant is not None:
            _attempt(case, tenant, for_tenant, target)
    for tenant, sources in configured.by(service).items():
        _attempt(case, tenant, service_as_configured(service, tenant, sources, home), target)


def _attempt(case: Case, attacker: str, deputy: Caller, target: Target) -> None:
    queues = tuple(
        queue
        for queue in _queues_named(target)
        if all(_lets_in(found, deputy) for found in _exact(case, queue))
    )
    case.attempt(attacker, Foothold(replace(deputy, queues=queues)), target)


def _queues_named(target: Target) -> list[str]:
    """Return the patterns of queues' ARNs that the target's policy names as encryption context."""
    return sorted(
        {
            value
            for statement in target.policy
            for condition in statement.conditions
            if condition.key == QUEUE_CONTEXT
            for value in condition.values
        }
    )


def _exact(case: Case, queue: str) -> list[Target]:
    """Return the queue of the stacks whose ARN `queue` is; none for a pattern, or for a queue of somebody else's."""
    return case.queues.get(queue, [])


def _lets_in(queue: Target, deputy: Caller) -> bool:
    """Tell whether the queue's policy may let a service in that acts for what `deputy` does; in doubt it does."""
    for statement in queue.policy:
        if statement.allows and _names(statement, deputy.service):
            patterns = _source_patterns(statement)
            if patterns is None or any(
                "${" in pattern or may_meet(pattern, source)
                for pattern in patterns
                for source in deputy.sources
            ):
                return True
    return False


def _possible_sources(case: Case, target: Target, service: str) -> list[str]:
    """Return the tenants whose resources may satisfy what the policy asks of the source of a service's call."""
    found: set[str] = set()
    for statement in target.policy:
        if not statement.allows or not _names(statement, service):
            continue
        patterns = _source_patterns(statement)
        if patterns is None:
            patterns = _source_patterns_of_queues(case, statement, service)
        if patterns is None:
            return [tenant for tenant in case.report.tenants if tenant != target.owner]
        for pattern in patterns:
            found |= case.sources.owners_of(pattern)
    return sorted(found - {target.owner or ""})


def _names(statement: ParsedStatement, service: str) -> bool:
    return statement.not_principal or any(
        pattern.kind == "any" or (pattern.kind == "service" and service == pattern.name)
        for pattern in statement.principals or ()
    )


def _source_patterns(statement: ParsedStatement) -> tuple[str, ...] | None:
    """Return the patterns of which the source's ARN must match one; `None` if the statement does not ask for it."""
    for condition in statement.conditions:
        if condition.key in SOURCE_ARN_KEYS and _plain(condition):
            return condition.values
    return None


def _source_patterns_of_queues(
    case: Case, statement: ParsedStatement, service: str
) -> tuple[str, ...] | None:
    """Return what the policies of the queues that the statement asks for ask of the source; `None` as above.

    A service uses a queue's key only to send what the queue takes from it.
    """
    for condition in statement.conditions:
        if condition.key == QUEUE_CONTEXT and _plain(condition):
            return _asked_by(case, condition.values, service)
    return None


def _asked_by(case: Case, queues: Iterable[str], service: str) -> tuple[str, ...] | None:
    found: list[str] = []
    for name in queues:
        if name not in case.queues:
            return None
        for queue in case.queues[name]:
            for statement in queue.policy:
                if statement.allows and _names(statement, service):
                    patterns = _source_patterns(statement)
                    if patterns is None:
                        return None
                    found += patterns
    return tuple(found)


def _plain(condition: ParsedCondition) -> bool:
    return not condition.if_exists and not condition.quantifier and condition.operator in _POSITIVE
