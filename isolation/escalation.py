"""What a principal can become: roles it can assume, pass or take over, and rights it can give itself.

The steps are those of Gietzen's catalogue of IAM privilege escalation (Rhino Security Labs, 2018) as far as they start
from rights that a workload's role could hold. Each step is a question to the prover, so conditions count.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from isolation.catalogue import ADMINISTRATION, SOURCES
from isolation.iam import ParsedPolicy
from isolation.model import Caller, Target
from isolation.patterns import globs_meet
from isolation.reach import Index, Outcome, Prover, candidates

_TAGGING: Final = ("iam:tagrole", "iam:untagrole", "iam:taguser", "iam:untaguser")
_UNBOUNDING: Final = (
    "iam:deleterolepermissionsboundary",
    "iam:putrolepermissionsboundary",
    "iam:deleteuserpermissionsboundary",
    "iam:putuserpermissionsboundary",
)


@dataclass(frozen=True, slots=True)
class Foothold:
    """One form that an attacker can take.

    Attributes:
        caller: whom it acts as.
        steps: how it came to be that, for people; empty for what it is from the start.
        certain: each step is a real one, none only possible for all that is known.
    """

    caller: Caller
    steps: tuple[str, ...] = ()
    certain: bool = True


def footholds(
    prover: Prover, index: Index, roles: dict[str, Caller], initial: Iterable[Caller]
) -> list[Foothold]:
    """Return every form that an attacker who starts as one of `initial` can take.

    Args:
        prover: answers whether a step can be taken.
        index: of the targets.
        roles: every role and user of the stacks, by ARN.
        initial: what the attacker is.
    """
    found: list[Foothold] = []
    seen: set[tuple[object, ...]] = set()
    waiting = [Foothold(caller) for caller in initial]
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
    """Whether one of the attacker's forms can make an AWS service act for a resource of its choice."""
    return any(
        foothold.caller.type == "role" and _may(prover, foothold.caller, SOURCES, "*").answer != "no"
        for foothold in attacker
    )


def _step(foothold: Foothold, outcome: Outcome, text: str, caller: Caller) -> list[Foothold]:
    if outcome.answer == "no":
        return []
    via = f" (allowed by {', '.join(outcome.statements)})" if outcome.statements else ""
    return [Foothold(caller, (*foothold.steps, f"{text}{via}"), foothold.certain and outcome.answer == "yes")]


def _changed(prover: Prover, foothold: Foothold) -> list[Foothold]:
    """Return the forms that come of changing oneself."""
    who = foothold.caller
    if who.type != "role" or who.administrator:
        return []
    grown = replace(who, administrator=True, tags=None, boundary=None, functions=None)
    found = _step(
        foothold, _may(prover, who, ADMINISTRATION, "*"), f"{who.name} gives itself every permission", grown
    )
    if who.tags is not None:
        found += _step(
            foothold,
            _may(prover, who, _TAGGING, who.arn),
            f"{who.name} changes its own tags",
            replace(who, tags=None),
        )
    if who.boundary is not None:
        freed = replace(who, boundary=None)
        found += _step(
            foothold, _may(prover, who, _UNBOUNDING, who.arn), f"{who.name} drops its boundary", freed
        )
    return found


def _taken(prover: Prover, index: Index, roles: dict[str, Caller], foothold: Foothold) -> list[Foothold]:
    """Return the forms that come of taking over roles and what runs as them."""
    who = foothold.caller
    if who.type not in {"role", "foreign"}:
        return []
    found: list[Foothold] = []
    if who.administrator and who.type == "role":
        # It may do what any administrator may; what is left between it and data are the resources' own policies.
        return found
    for target in candidates(prover, _Takeable.of(index), who):
        actions = tuple(
            action for action in target.takeover if any(globs_meet(action, own) for own in target.actions)
        )
        # To assume or pass oneself brings new session tags, or a function of one's own choice.
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
            found += _step(
                foothold,
                outcome,
                f"{who.name} does {action} on {target.address}, to act as {gained.name}",
                gained,
            )
    return found


class _Takeable:
    """The part of an index that yields credentials; made once for each index."""

    _made: tuple[Index, Index] | None = None

    @classmethod
    def of(cls, index: Index) -> Index:
        if cls._made is None or cls._made[0] is not index:
            cls._made = (index, Index([target for target in index.targets if target.roles]))
        return cls._made[1]


def _may(prover: Prover, who: Caller, actions: tuple[str, ...], arn: str) -> Outcome:
    """Return whether `who` may do one of `actions` on `arn`, identity policies and boundary alone considered."""
    if not _speaks_of(who.identity, actions):
        return Outcome("no")
    anything = Target(
        kind="other", owner=None, address=arn, account=who.account, arn=arn, patterns=(arn,), actions=actions
    )
    return prover.reach(who, anything)


def _speaks_of(policy: ParsedPolicy, actions: tuple[str, ...]) -> bool:
    return any(
        statement.not_action or globs_meet(pattern, action)
        for statement in policy
        if statement.allows
        for pattern in statement.actions
        for action in actions
    )
