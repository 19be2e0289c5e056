"""Claim 3: an endpoint in a tenant's network lets only that tenant's own callers at other tenants' resources.

IAM is not asked about the callers. An endpoint without a policy breaks this claim.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from isolation.catalogue.kinds import KINDS
from isolation.catalogue.network import BEHIND_ENDPOINTS, ENDPOINT_SERVICE
from isolation.iam.language import ANYONE, ParsedPolicy, ParsedStatement
from isolation.iam.parsing import parse_policy
from isolation.inventory.inventory import Inventory
from isolation.logic.formula import Atom, Formula, negation
from isolation.model.caller import Caller
from isolation.model.outsiders import anonymous, foreign_account, somebody
from isolation.model.target import Target
from isolation.network.path import NetworkPath
from isolation.reach.index import Index
from isolation.reach.prover import Prover
from isolation.synthesized.reading import TENANT_TAGS
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

_STRANGER = "0" * 12


class Endpoints:
    """The endpoints of tenants' networks, each as its policy alone protects what is behind it."""

    def __init__(self, inventory: Inventory, prover: Prover, index: Index) -> None:
        self._inventory = inventory
        self._prover = prover
        self._index = index

    def paths(self, stack: SynthesizedStack) -> Iterator[NetworkPath]:
        """Return the ways that the endpoints of `stack` open."""
        for endpoint in stack.all("aws_vpc_endpoint"):
            service = stack.text(endpoint.body.get("service_name", ""))
            if endpoint.owner is None:
                continue
            namespaces = _namespaces(service)
            if namespaces is None:
                story = (f"{endpoint.address}: what is behind the service {service} is not known",)
                yield NetworkPath(endpoint.owner, None, certain=False, story=story)
                continue
            yield from self._through(stack, endpoint, namespaces)

    def _through(
        self, stack: SynthesizedStack, endpoint: SynthesizedResource, namespaces: frozenset[str]
    ) -> Iterator[NetworkPath]:
        policy = _policy_of(stack, endpoint)
        for statement in policy:
            if not statement.allows:
                continue
            # The index finds what the statement may cover, as for an identity statement.
            for found in self._index.met_by(statement):
                others = _behind(found, endpoint.owner, namespaces)
                first = next(others, None)
                if first and self._open_to_strangers(endpoint, policy, first):
                    for target in (first, *others):
                        yield from self._used_by_others(endpoint, policy, target)

    def _open_to_strangers(self, endpoint: SynthesizedResource, policy: ParsedPolicy, target: Target) -> bool:
        """Whether anybody but the endpoint's owner may do anything through it to a target of this kind."""
        owner = endpoint.owner or ""
        not_own = [negation(Atom(f"aws:principaltag/{tag.lower()}", "equals", owner)) for tag in TENANT_TAGS]
        strangers: list[tuple[Caller, list[Formula]]] = [
            (somebody(self._inventory.account), not_own),
            (foreign_account(_STRANGER), []),
            (anonymous(), []),
        ]
        anything = _behind_endpoint(target, policy, ("*",))
        return any(self._prover.possible(who, anything, extra) for who, extra in strangers)

    def _used_by_others(
        self, endpoint: SynthesizedResource, policy: ParsedPolicy, target: Target
    ) -> Iterator[NetworkPath]:
        """Return the way to `target` with its owner's credentials, or with those of an outsider."""
        owner = endpoint.owner or ""
        behind = _behind_endpoint(target, policy, target.patterns)
        own_role = next((role for role in self._inventory.identities if role.owner == target.owner), None)
        for who in (*([own_role] if own_role else []), foreign_account(_STRANGER), anonymous()):
            outcome = self._prover.reach(_all_powerful(who), behind)
            if outcome.answer == "no":
                continue
            request = outcome.request
            what = f"{request.action} on {request.resource}" if request else f"a request on {target.address}"
            story = (
                f"from the network of {owner}, with the credentials of {who.name}: {what}",
                f"passes {endpoint.address} by {', '.join(outcome.statements or outcome.doubts)}",
            )
            yield NetworkPath(owner, target.owner, certain=outcome.answer == "yes", story=story)
            return


@cache
def _namespaces(service: str) -> frozenset[str] | None:
    """Return the services whose targets are behind an endpoint, by its name; `None` if it is not known.

    Names end in what they lead to, and in more: `kms-fips`, `ecr.dkr`, `s3-global.accesspoint`.
    """
    match = ENDPOINT_SERVICE.fullmatch(service)
    name = match[1] if match else ""
    if not match or name.startswith("vpce-svc-"):
        return None
    known = {action.partition(":")[0] for kind in KINDS.values() for action in kind.actions} - {"*"}
    name = name.removesuffix("-fips")
    if name in BEHIND_ENDPOINTS:
        return frozenset(BEHIND_ENDPOINTS[name])
    found = {service for service in known if re.match(rf"{re.escape(service)}(?![a-z0-9])", name)}
    return frozenset(found) if found else None


def _behind(found: list[Target], owner: str | None, namespaces: frozenset[str]) -> Iterator[Target]:
    """Yield those of `found` that another tenant owns and whose service is one of `namespaces`."""
    for target in found:
        if target.owner not in {None, owner} and any(
            own.partition(":")[0] in namespaces for own in target.actions
        ):
            yield target


def _policy_of(stack: SynthesizedStack, endpoint: SynthesizedResource) -> ParsedPolicy:
    """Return the endpoint's policy; without one it lets everybody do everything."""
    text = endpoint.body.get("policy")
    if text:
        return parse_policy(stack.text(text), endpoint.address, resource_policy=True)
    source = f"{endpoint.address} without a policy"
    return (ParsedStatement(source, "Allow", ("*",), ("*",), principals=(ANYONE,)),)


def _behind_endpoint(target: Target, policy: ParsedPolicy, patterns: tuple[str, ...]) -> Target:
    """Return `target` as an endpoint's policy alone protects it."""
    return Target(
        kind=target.kind,
        owner=target.owner,
        address=target.address,
        account=target.account,
        arn=target.arn,
        patterns=patterns,
        actions=target.actions,
        harmless=target.harmless,
        examples=target.examples,
        policy=policy,
        policy_required=True,
    )


def _all_powerful(caller: Caller) -> Caller:
    """Return `caller` with every identity permission, if it is a role."""
    if caller.type != "role":
        return caller
    return replace(caller, identity=(), boundary=None, administrator=True)
