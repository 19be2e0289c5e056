"""What an attacker can make an AWS service act for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from isolation.catalogue.rights import ACTS_FOR_WHAT_IS_NAMED, CONFIGURING
from isolation.iam.patterns import globs_meet
from isolation.model.caller import Caller
from isolation.model.outsiders import labels_of
from isolation.reach.foothold import Foothold
from isolation.reach.index import widened
from isolation.reach.prover import Prover
from isolation.reach.rights import may, on


def configurable_sources(prover: Prover, attacker: Iterable[Foothold], service: str) -> tuple[str, ...]:
    """Return patterns of the ARNs for which the attacker, from one of its footholds, can make `service` act.

    A policy that asks only for the account lets a service in that anybody in the account has configured
    (https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html).
    """
    labels = labels_of(service)
    label = labels[0]
    known = CONFIGURING.get(".".join(labels)) or CONFIGURING.get(label)
    reading: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    if service == "*":
        actions = tuple(sorted({action for rights in CONFIGURING.values() for action in rights}))
    elif known is not None:
        actions = known
    else:
        actions = tuple(f"{one}:*" for one in labels)
        patterns = ("*",)
        reading = tuple(f"{one}:{verb}*" for one in labels for verb in ("get", "list", "describe"))
    # What these are done on has ARNs of the action's own service; a right on one of another's configures nothing.
    patterns = patterns or tuple(sorted({f"arn:*:{action.partition(':')[0]}:*:*:*" for action in actions}))
    found: set[str] = set()
    for foothold in attacker:
        who = foothold.caller
        anything = replace(on(who, "*", harmless=reading), patterns=patterns)
        if who.type != "role" or may(prover, who, actions, anything).answer == "no":
            continue
        found.update(_named(who, actions) if label in ACTS_FOR_WHAT_IS_NAMED else ["*"])
    if "*" in found:
        account = next(iter(attacker)).caller.account
        return ("arn:*:s3:::*", f"arn:*:*:*:{account}:*")
    return tuple(sorted(found))


def _named(who: Caller, actions: tuple[str, ...]) -> list[str]:
    """Return the resources on which `who` may do one of `actions`, as wide as its policies may be read."""
    if who.administrator:
        return ["*"]
    return [
        widened(pattern)
        for statement in who.identity
        if statement.allows
        and (
            statement.not_action
            or any(globs_meet(action, own) for action in statement.actions for own in actions)
        )
        for pattern in (("*",) if statement.not_resource else statement.resources)
    ]
