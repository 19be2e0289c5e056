"""Decides a request by the policies that bear on it: an independent reading of the same data.

It shares no code with the encoding that it checks: only the parsed policies (`isolation.iam.language`) and the model
are common to both. No pattern matching, no condition and no rule of precedence may be imported from there, or a
mistake in it would confirm itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from isolation.evaluator.conditions import filled, holds
from isolation.evaluator.matching import glob, resource_like, resource_unlike
from isolation.evaluator.request import Context, Request
from isolation.evaluator.resource_keys import is_carried, tag_prefixes
from isolation.iam.language import ParsedCondition, ParsedPolicy, ParsedStatement, PrincipalPattern
from isolation.model.caller import Caller
from isolation.model.target import Target


@dataclass(frozen=True, slots=True)
class Decision:
    """What AWS answers.

    Attributes:
        allowed: the answer.
        statements: sources of the statements that allow it.
    """

    allowed: bool
    statements: tuple[str, ...] = ()


DENIED = Decision(allowed=False)


def authorized(target: Target, request: Request) -> Decision:  # noqa: PLR0911 (the order of evaluation)
    """Decide `request` on `target`. A statement in doubt allows nothing and denies all that it may cover."""
    who = request.caller
    context = _full_context(request, target)
    own: list[ParsedStatement] = [] if who.administrator else [*who.identity, *(who.boundary or ())]
    for statement in own:
        if statement.effect == "Deny" and _covers(statement, request, context):
            return DENIED
    for statement in target.policy:
        if statement.effect == "Deny" and _names(statement, who) and _covers(statement, request, context):
            return DENIED

    direct = _sources(target.policy, request, context, direct=True)
    if who.type in {"anonymous", "service"}:
        return Decision(bool(direct), direct)
    delegated = _sources(target.policy, request, context, direct=False)
    if who.type == "foreign":
        found = (*direct, *delegated)
        return Decision(bool(found), found)
    if direct:
        return Decision(allowed=True, statements=direct)
    identity = _identity(who, request, context)
    if not identity or (target.policy_required and not delegated):
        return DENIED
    return Decision(allowed=True, statements=(*identity, *(delegated if target.policy_required else ())))


def _identity(who: Caller, request: Request, context: Context) -> tuple[str, ...]:
    if who.administrator:
        return ("every identity permission",)
    found = _allowing(who.identity, request, context)
    if who.boundary is not None and not _allowing(who.boundary, request, context):
        return ()
    return found


def _allowing(policy: ParsedPolicy, request: Request, context: Context) -> tuple[str, ...]:
    return tuple(
        statement.source
        for statement in policy
        if statement.effect == "Allow" and not statement.doubts and _covers(statement, request, context)
    )


def _sources(policy: ParsedPolicy, request: Request, context: Context, *, direct: bool) -> tuple[str, ...]:
    """Return the statements of a resource policy that allow the caller, directly or through its account."""
    found = []
    for statement in policy:
        if statement.effect == "Deny" or statement.doubts or not _covers(statement, request, context):
            continue
        if direct:
            meant = _names(statement, request.caller)
        else:
            accounts = {pattern.name for pattern in statement.principals or () if pattern.kind == "account"}
            meant = request.caller.account in accounts and not statement.not_principal
        if meant:
            found.append(statement.source)
    return tuple(found)


def _names(statement: ParsedStatement, who: Caller) -> bool:
    """Whether a statement of a resource policy covers `who`; an account's number counts in denials and exceptions."""
    account_counts = statement.effect == "Deny" or statement.not_principal
    named = any(_is(pattern, who, account_counts=account_counts) for pattern in statement.principals or ())
    return named != statement.not_principal


def _is(pattern: PrincipalPattern, who: Caller, *, account_counts: bool) -> bool:
    match pattern.kind:
        case "any":
            return True
        case "service":
            return who.type == "service" and who.service == pattern.name
        case "account":
            return account_counts and who.account != "" and who.account == pattern.name
        case "arn":
            return who.arn == pattern.name


def _covers(statement: ParsedStatement, request: Request, context: Context) -> bool:
    action = request.action.lower()
    if any(glob(pattern, action) for pattern in statement.actions) == statement.not_action:
        return False
    if not _covers_resource(statement, request.resource, context):
        return False
    return all(_holds(condition, statement, request, context) for condition in statement.conditions)


def _holds(
    condition: ParsedCondition, statement: ParsedStatement, request: Request, context: Context
) -> bool:
    """Whether a condition holds: of an Allow certainly, of a Deny possibly, where its key may be missing."""
    given = holds(condition, context)
    if condition.key not in context or is_carried(condition.key, request.action.lower()) != "perhaps":
        return given
    missing = holds(condition, {key: values for key, values in context.items() if key != condition.key})
    return (given and missing) if statement.effect == "Allow" else (given or missing)


def _covers_resource(statement: ParsedStatement, arn: str, context: Context) -> bool:
    """Whether a statement covers `arn`: an Allow certainly, a Deny possibly."""
    patterns = filled(statement.resources, context)
    if not statement.not_resource:
        return any(resource_like(pattern, arn, certainly=statement.effect == "Allow") for pattern in patterns)
    if statement.effect == "Allow":
        return not any(resource_like(pattern, arn, certainly=False) for pattern in patterns)
    return all(resource_unlike(pattern, arn) for pattern in patterns)


def _full_context(request: Request, target: Target) -> Context:
    """Return the request's keys with those that AWS derives from caller and resource."""
    who = request.caller
    keys = dict(request.context)
    keys["aws:principalisawsservice"] = ("true" if who.type == "service" else "false",)
    if who.account:
        keys["aws:principalaccount"] = (who.account,)
        keys["kms:calleraccount"] = (who.account,)
    if who.arn:
        keys["aws:principalarn"] = (who.arn,)
    for name, value in (who.tags or {}).items():
        if name.lower() not in who.chosen:
            keys[f"aws:principaltag/{name.lower()}"] = (value,)
    about = {"aws:resourceaccount": target.account}
    for name, value in (target.tags or {}).items():
        for prefix in tag_prefixes(request.action.lower()):
            about[f"{prefix}:resourcetag/{name.lower()}"] = value
    for key, value in about.items():
        if is_carried(key, request.action.lower()) in {"always", "perhaps"}:
            keys[key] = (value,)
    return keys
