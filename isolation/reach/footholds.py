"""What a caller can become: roles it can assume, pass or take over, and rights it can give itself.

The steps are those of Gietzen's catalogue of IAM privilege escalation (Rhino Security Labs, 2018) as far as they start
from rights that a workload's role could hold. Each step is a question to the prover, so conditions count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from isolation.catalogue.rights import ADMINISTRATION, SOURCES, TAGGING, UNBOUNDING
from isolation.iam.language import ParsedPolicy
from isolation.iam.patterns import globs_meet
from isolation.model.caller import Caller
from isolation.model.target import Target
from isolation.reach.candidates import candidates
from isolation.reach.foothold import Foothold
from isolation.reach.index import Index
from isolation.reach.prover import Outcome, Prover


def footholds(
    prover: Prover, index: Index, roles: dict[str, Caller], initial: Iterable[Foothold]
) -> list[Foothold]:
    """Return everybody that an attacker who starts as one of `initial` can act as.

    Args:
        prover: answers whether a step can be taken.
        index: of the targets.
        roles: every role and user of the stacks, by ARN.
        initial: whom the attacker acts as from the start.
    """
    found: list[Foothold] = []
    seen: set[tuple[object, ...]] = set()
    waiting = list(initial)
    while waiting:
        foothold = waiting.pop(0)
        who = foothold.caller
        key = (
            who.name,
            who.arn,
            who.tags is None,
            who.boundary is None,
            who.administrator,
            who.functions is None,
        )
        if key in seen:
            continue
        seen.add(key)
        found.append(foothold)
        waiting += _changed(prover, foothold)
        waiting += _taken(prover, index, roles, foothold)
    return found


def may_configure_services(prover: Prover, attacker: Iterable[Foothold]) -> bool:
    """Whether the attacker, from one of its footholds, can make an AWS service act for a resource of its choice."""
    return any(
        foothold.caller.type == "role" and _may(prover, foothold.caller, SOURCES, "*").answer != "no"
        for foothold in attacker
    )


def _changed(prover: Prover, foothold: Foothold) -> list[Foothold]:
    """Return the footholds that an attacker gains by changing itself."""
    who = foothold.caller
    if who.type != "role" or who.administrator:
        return []
    grown = replace(who, administrator=True, tags=None, boundary=None, functions=None)
    found = foothold.step(
        _may(prover, who, ADMINISTRATION, "*"), f"{who.name} gives itself every permission", grown
    )
    if who.tags is not None:
        found += foothold.step(
            _may(prover, who, TAGGING, who.arn),
            f"{who.name} changes its own tags",
            replace(who, tags=None),
        )
    if who.boundary is not None:
        freed = replace(who, boundary=None)
        found += foothold.step(
            _may(prover, who, UNBOUNDING, who.arn), f"{who.name} drops its boundary", freed
        )
    return found


def _taken(prover: Prover, index: Index, roles: dict[str, Caller], foothold: Foothold) -> list[Foothold]:
    """Return the footholds that an attacker gains by taking over roles, or what runs as them."""
    who = foothold.caller
    if who.type not in {"role", "foreign"}:
        return []
    found: list[Foothold] = []
    if who.administrator and who.type == "role":
        # It may do what any administrator may; only the resources' own policies remain between it and the data.
        return found
    for target in candidates(prover, index.takeable, who):
        actions = tuple(
            action for action in target.takeover if any(globs_meet(action, own) for own in target.actions)
        )
        # A role that assumes or passes itself gains new session tags, or a function of its own choice.
        if not actions or (who.arn in target.roles and target.kind != "role"):
            continue
        outcome = prover.reach(who, target, actions)
        if outcome.answer == "no":
            continue
        action = outcome.request.action if outcome.request else actions[0]
        for arn in target.roles:
            if arn not in roles:
                continue
            gained = replace(roles[arn], functions=None)
            if prover.reach(who, target, ("sts:tagsession",)).answer != "no" and target.kind == "role":
                # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html: they override the role's tags.
                gained = replace(gained, tags=None)
            found += foothold.step(
                outcome,
                f"{who.name} does {action} on {target.address}, to act as {gained.name}",
                gained,
            )
    return found


def _may(prover: Prover, who: Caller, actions: tuple[str, ...], arn: str) -> Outcome:
    """Return whether `who` may do one of `actions` on `arn`, considering only its identity policies and boundary."""
    if not _allows_some(who.identity, actions):
        return Outcome("no")
    anything = Target(
        kind="other", owner=None, address=arn, account=who.account, arn=arn, patterns=(arn,), actions=actions
    )
    return prover.reach(who, anything)


def _allows_some(policy: ParsedPolicy, actions: tuple[str, ...]) -> bool:
    return any(
        statement.not_action or globs_meet(pattern, action)
        for statement in policy
        if statement.allows
        for pattern in statement.actions
        for action in actions
    )
