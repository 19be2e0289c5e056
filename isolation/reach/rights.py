"""Whether somebody may do something by its identity policies, on what no policy of its own protects."""

from __future__ import annotations

from isolation.iam.language import ParsedPolicy
from isolation.iam.patterns import globs_meet
from isolation.model.caller import Caller, Tags
from isolation.model.target import Target
from isolation.reach.prover import NO, Outcome, Prover


def on(who: Caller, arn: str, tags: Tags | None = None, harmless: tuple[str, ...] = ()) -> Target:
    """Return the target `arn` in the account of `who`, which only identity policies protect."""
    return Target(
        kind="other",
        owner=None,
        address=arn,
        account=who.account,
        arn=arn,
        patterns=(arn,),
        actions=("*",),
        harmless=harmless,
        tags=tags,
    )


def may(prover: Prover, who: Caller, actions: tuple[str, ...], target: Target) -> Outcome:
    """Return whether `who` may do one of `actions` on `target`."""
    if not who.administrator and not allows_some(who.identity, actions):
        return NO
    return prover.reach(who, target, actions)


def allows_some(policy: ParsedPolicy, actions: tuple[str, ...]) -> bool:
    """Whether a statement of `policy` may allow one of `actions`, whatever it asks for."""
    return any(
        statement.not_action or globs_meet(pattern, action)
        for statement in policy
        if statement.allows
        for pattern in statement.actions
        for action in actions
    )
