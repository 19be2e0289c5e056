"""Footholds with tags of the attacker's choice: tagged sessions, federated sessions, roles that it creates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Final

from isolation.iam.patterns import globs_meet, has_wildcard
from isolation.logic.formula import Atom, Formula, negation
from isolation.model.caller import Caller
from isolation.model.target import Target
from isolation.reach.asking import Asking
from isolation.reach.foothold import Foothold
from isolation.reach.prover import Prover
from isolation.reach.rights import allows_some, may, on

_NEW: Final = "⟦new⟧"
"""What takes the place of a wildcard in the name of a role that an attacker creates."""


def with_tags(caller: Caller, chosen: frozenset[str]) -> Caller:
    """Return `caller` with tags of its own choice under the keys `chosen`."""
    return replace(caller, chosen=caller.chosen | chosen)


def choosable_tags(  # noqa: PLR0917 (a question has so many parts)
    prover: Prover,
    asking: Asking,
    who: Caller,
    target: Target,
    actions: tuple[str, ...],
    own: Mapping[str, str] | None,
) -> frozenset[str]:
    """Return the tag keys to which `who` can give a value that they do not have.

    A tag that repeats the own one gives nothing. All of `actions` must be allowed with the tag in the request.

    Args:
        prover: answers the questions.
        asking: what the policies ask for.
        who: who tags.
        target: what it tags, or whose session.
        actions: what it must be allowed to do.
        own: the tags that are there already.
    """
    values = {name.lower(): value for name, value in (own or {}).items()}
    if not allows_some((*who.identity, *target.policy), actions) and not who.administrator:
        return frozenset()
    return frozenset(
        key
        for key in asking.tags
        if all(
            prover.reach(who, target, (action,), _tagged(who, target, key, values.get(key))).answer != "no"
            for action in actions
        )
    )


def created(prover: Prover, asking: Asking, foothold: Foothold) -> Iterator[Foothold]:
    """Return the roles that an attacker can create: without permissions, but with a name and tags of its choice.

    Its creator writes its trust policy. Tags at creation need `iam:TagRole` as well
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_roles.html).
    """
    who = foothold.caller
    if who.type != "role" or who.administrator or not allows_some(who.identity, ("iam:createrole",)):
        return
    for arn in _new_names(asking, who):
        outcome = may(prover, who, ("iam:createrole",), on(who, arn))
        if outcome.answer == "no":
            continue
        new = Caller(
            type="role",
            name=f"the new role {arn}",
            owner=who.owner,
            arn=arn,
            account=who.account,
            tags={},
        )
        new = with_tags(
            new, choosable_tags(prover, asking, who, on(who, arn), ("iam:createrole", "iam:tagrole"), {})
        )
        yield from foothold.step(outcome, f"{who.name} creates the role {arn}", new)


def federated(prover: Prover, asking: Asking, foothold: Foothold) -> Iterator[Foothold]:
    """Return the sessions for federated users that a user can open with tags of its choice.

    Only a user can (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetFederationToken.html).
    """
    who = foothold.caller
    if who.type != "role" or ":user/" not in who.arn or who.administrator:
        return
    actions = ("sts:getfederationtoken", "sts:tagsession")
    session = on(who, f"arn:aws:sts::{who.account}:federated-user/*")
    chosen = choosable_tags(prover, asking, who, session, actions, who.tags)
    if chosen - who.chosen:
        outcome = may(prover, who, actions[:1], session)
        text = f"{who.name} opens a session for a federated user with tags of its choice"
        yield from foothold.step(outcome, text, with_tags(who, chosen))


def _tagged(who: Caller, target: Target, key: str, own: str | None) -> list[Formula]:
    """Return what is so of a request that gives the tag `key` another value than `own`."""
    variable = f"aws:requesttag/{key}"
    found: list[Formula] = [Atom(variable, "present")]
    if own is not None:
        found.append(negation(Atom(variable, "equals", own)))
    conditions = [
        condition
        for statement in chain(who.identity, who.boundary or (), target.policy)
        for condition in statement.conditions
        if condition.key == "aws:tagkeys"
    ]
    # With "some key is X" the others may be any; with "every key is one of X" this one must be one of them.
    if conditions and all(condition.quantifier == "ForAllValues" for condition in conditions):
        found += [Atom("aws:tagkeys#0", "present"), Atom("aws:tagkeys#0", "iequals", key)]
    return found


def _new_names(asking: Asking, who: Caller) -> list[str]:
    """Return the ARNs that a new role may have, as far as it matters to some policy."""
    granted = [
        pattern
        for statement in who.identity
        if statement.allows and any(globs_meet(action, "iam:createrole") for action in statement.actions)
        for pattern in (() if statement.not_resource else statement.resources)
    ]
    written = [f"arn:aws:iam::{who.account}:role/{_NEW}", *granted, *asking.arns]
    return sorted(
        {
            pattern.replace("*", _NEW).replace("?", "x") if has_wildcard(pattern) else pattern
            for pattern in written
            if ":role/" in pattern and "${" not in pattern and f":{who.account}:" in pattern
        }
    )
