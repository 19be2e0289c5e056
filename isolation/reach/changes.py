"""Footholds that an attacker gains by changing itself, or another role that it can act as."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from isolation.catalogue.rights import ADMINISTRATION, DETACHING, UNBOUNDING
from isolation.model.caller import Caller
from isolation.reach.asking import Asking
from isolation.reach.foothold import Foothold
from isolation.reach.prover import Prover
from isolation.reach.rights import allows_some, may, on
from isolation.reach.sessions import choosable_tags, with_tags


def may_change(who: Caller) -> bool:
    """Whether `who` may change roles at all, as far as its actions tell."""
    return who.type == "role" and not who.administrator and allows_some(who.identity, ("iam:*",))


def changed(prover: Prover, asking: Asking, actor: Foothold, held: Foothold) -> Iterator[Foothold]:
    """Return the footholds that an attacker gains when it changes `held` as `actor`; they may be the same."""
    who, whom = actor.caller, held.caller
    if whom.type != "role" or whom.administrator or not may_change(who):
        return
    steps = held.steps if actor is held else (*actor.steps, *held.steps)
    both = Foothold(whom, steps, actor.certain and held.certain)
    if actor is held:
        # A policy put on any role or user is worth as much as one put on the own role.
        grown = replace(who, administrator=True, tags=None, boundary=None, functions=None)
        outcome = may(prover, who, ADMINISTRATION, on(who, f"arn:aws:iam::{who.account}:*"))
        yield from both.step(outcome, f"{who.name} gives itself every permission", grown)
    yield from _retagged(prover, asking, who, both)
    if whom.boundary is not None:
        outcome = may(prover, who, UNBOUNDING, on(who, whom.arn, whom.tags))
        text = f"{who.name} drops {'its' if who.arn == whom.arn else _of(whom)} boundary"
        yield from both.step(outcome, text, replace(whom, boundary=None))
    yield from _undenied(prover, who, both)


def _retagged(prover: Prover, asking: Asking, who: Caller, held: Foothold) -> Iterator[Foothold]:
    whom = held.caller
    if whom.tags is None:
        return
    role = on(who, whom.arn, whom.tags)
    text = f"{who.name} changes {'its own' if who.arn == whom.arn else _of(whom)} tags"
    tagging = ("iam:taguser",) if ":user/" in whom.arn else ("iam:tagrole",)
    untagging = ("iam:untaguser",) if ":user/" in whom.arn else ("iam:untagrole",)
    outcome = may(prover, who, tagging, role)
    if outcome.answer != "no":
        chosen = choosable_tags(prover, asking, who, role, tagging, whom.tags) - whom.chosen
        if chosen:
            yield from held.step(outcome, text, with_tags(whom, chosen))
    outcome = may(prover, who, untagging, role)
    if outcome.answer != "no":
        for key in sorted(whom.tags):
            if key.lower() in asking.tags:
                kept = {name: value for name, value in whom.tags.items() if name != key}
                yield from held.step(outcome, text, replace(whom, tags=kept))


def _undenied(prover: Prover, who: Caller, held: Foothold) -> Iterator[Foothold]:
    """Return `held` without one of its policies that deny something; what else that policy says goes with it."""
    whom = held.caller
    role = on(who, whom.arn, whom.tags)
    denying = {_policy(statement.source) for statement in whom.identity if not statement.allows}
    for policy in sorted(denying):
        outcome = may(prover, who, DETACHING["inline" if _inline(policy) else "attached"], role)
        if outcome.answer == "no":
            continue
        kept = tuple(statement for statement in whom.identity if _policy(statement.source) != policy)
        text = f"{who.name} takes {policy} from {whom.name}"
        yield from held.step(outcome, text, replace(whom, identity=kept))


def _policy(source: str) -> str:
    return source.partition("#")[0]


def _inline(policy: str) -> bool:
    return policy.rpartition("/")[2].partition(".")[0] not in {
        "aws_iam_policy",
        "aws_iam_role_policy_attachment",
        "aws_iam_user_policy_attachment",
    }


def _of(whom: Caller) -> str:
    return f"{whom.name}'s"
