"""Decides one concrete request by the policies alone. No solver, no formula: an independent reading of the same model.

It shares with the encoding what `iam` parsed and what `inventory` found, and no line of how either is evaluated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fnmatch import translate
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from isolation.iam import ParsedCondition, ParsedPolicy, ParsedStatement, PrincipalPattern
from isolation.model import Caller, Target

if TYPE_CHECKING:
    from isolation.inventory import Inventory

Context = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Request:
    """One call to AWS.

    Attributes:
        caller: who calls; for a foreign account, with the ARN that it chose.
        action: such as `s3:GetObject`, in any case.
        resource: the ARN it names.
        context: condition keys, lower-case, that are not the caller's own.
    """

    caller: Caller
    action: str
    resource: str
    context: Context = field(default_factory=dict)

    @staticmethod
    def of(caller: Caller, target: Target, model: Mapping[str, str]) -> Request:
        """Return the request that a solver's model describes."""
        context: dict[str, tuple[str, ...]] = {}
        for variable, value in sorted(model.items()):
            name, _, _ = variable.partition("#")
            if name not in {"action", "resource", "principal"}:
                context[name] = (*context.get(name, ()), value)
        context.setdefault("aws:securetransport", ("true",))
        if caller.type == "role" and caller.functions and "lambda:sourcefunctionarn" not in context:
            context["lambda:sourcefunctionarn"] = caller.functions[:1]
        for name, values in target.context:
            context.setdefault(name, values[:1])
        if caller.type == "foreign":
            fallback = f"arn:aws:iam::{caller.account}:role/any"
            caller = replace(caller, arn=model.get("principal", fallback))
        resource = model.get("resource") or target.patterns[0]
        return Request(caller, model.get("action", ""), resource, context)


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
    """Decide `request` on `target`. A statement in doubt allows nothing and denies all that it may speak of."""
    who = request.caller
    context = _full_context(request, target)
    own: list[ParsedStatement] = [] if who.administrator else [*who.identity, *(who.boundary or ())]
    for statement in own:
        if statement.effect == "Deny" and _speaks_of(statement, request, context):
            return DENIED
    for statement in target.policy:
        if statement.effect == "Deny" and _names(statement, who) and _speaks_of(statement, request, context):
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


def decide(
    inventory: Inventory, caller: str, action: str, resource: str, context: Mapping[str, str] | None = None
) -> bool:
    """Decide whether a role or user of the stacks may do `action` on `resource`.

    Args:
        inventory: of the stacks.
        caller: its ARN, or its address `stack/type.name`.
        action: such as `s3:GetObject`.
        resource: an ARN, or the address of a resource whose ARN AWS makes up.
        context: further condition keys of the request; TLS is taken for granted.

    Raises:
        KeyError: no such role or user.
    """
    who = next((found for found in inventory.identities if caller in {found.arn, found.name}), None)
    if who is None:
        raise KeyError(caller)
    keys: dict[str, tuple[str, ...]] = {"aws:securetransport": ("true",)}
    if who.functions:
        keys["lambda:sourcefunctionarn"] = who.functions[:1]
    keys |= {key.lower(): (value,) for key, value in (context or {}).items()}
    meant: Target | None = None
    for target in inventory.targets:
        named = resource == target.address or any(_glob(pattern, resource) for pattern in target.patterns)
        if named and not target.context and any(_glob(own, action.lower()) for own in target.actions):
            meant = target
            break
    if meant is None:
        meant = Target(
            kind="other",
            owner=None,
            address="",
            account=who.account,
            arn=resource,
            patterns=(resource,),
            actions=("*",),
        )
    arn = meant.arn if resource == meant.address else resource
    return authorized(meant, Request(who, action, arn, keys)).allowed


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
        if statement.effect == "Allow" and not statement.doubts and _speaks_of(statement, request, context)
    )


def _sources(policy: ParsedPolicy, request: Request, context: Context, *, direct: bool) -> tuple[str, ...]:
    """Return the statements of a resource policy that allow the caller, directly or through its account."""
    found = []
    for statement in policy:
        if statement.effect == "Deny" or statement.doubts or not _speaks_of(statement, request, context):
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
    """Whether a statement of a resource policy speaks of `who`; an account's name counts in denials and exceptions."""
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


def _speaks_of(statement: ParsedStatement, request: Request, context: Context) -> bool:
    action = request.action.lower()
    if any(_glob(pattern, action) for pattern in statement.actions) == statement.not_action:
        return False
    resources = _filled(statement.resources, context)
    if any(_arn_like(pattern, request.resource) for pattern in resources) == statement.not_resource:
        return False
    return all(_holds(condition, context) for condition in statement.conditions)


def _full_context(request: Request, target: Target) -> Context:
    """Return the request's keys with those that AWS derives from principal and resource."""
    who = request.caller
    keys = dict(request.context)
    keys["aws:principalisawsservice"] = ("true" if who.type == "service" else "false",)
    keys["aws:resourceaccount"] = (target.account,)
    if who.account:
        keys["aws:principalaccount"] = (who.account,)
    if who.arn:
        keys["aws:principalarn"] = (who.arn,)
    for name, value in (who.tags or {}).items():
        keys[f"aws:principaltag/{name.lower()}"] = (value,)
    for name, value in (target.tags or {}).items():
        for service in ("aws", request.action.lower().partition(":")[0]):
            keys[f"{service}:resourcetag/{name.lower()}"] = (value,)
    return keys


def _filled(patterns: Iterable[str], context: Context) -> list[str]:
    """Return `patterns` with policy variables filled in; one whose variable is missing matches nothing."""
    filled = []
    for pattern in patterns:
        missing = False

        def value(match: re.Match[str]) -> str:
            name, _, default = match[1].partition(",")
            found = context.get(name.strip().lower(), ())
            if not found and not default:
                nonlocal missing
                missing = True
            return found[0] if found else default.strip(" '")

        text = re.sub(r"\$\{([^}]*)\}", value, pattern)
        if not missing:
            filled.append(text)
    return filled


def _holds(condition: ParsedCondition, context: Context) -> bool:
    given = context.get(condition.key, ())
    wanted = _filled(condition.values, context)
    if condition.operator == "Null":
        return ("true" if not given else "false") in wanted
    if condition.quantifier == "ForAllValues":
        return all(_test(condition.operator, value, wanted) for value in given)
    if condition.quantifier == "ForAnyValue":
        return any(_test(condition.operator, value, wanted) for value in given)
    if not given:
        return condition.if_exists or "Not" in condition.operator
    return _test(condition.operator, given[0], wanted)


def _test(operator: str, value: str, wanted: list[str]) -> bool:  # noqa: C901, PLR0911 (a table)
    match operator:
        case "StringEquals":
            return value in wanted
        case "StringNotEquals":
            return value not in wanted
        case "StringEqualsIgnoreCase" | "Bool":
            return value.lower() in {text.lower() for text in wanted}
        case "StringNotEqualsIgnoreCase":
            return value.lower() not in {text.lower() for text in wanted}
        case "StringLike":
            return any(_glob(text, value) for text in wanted)
        case "StringNotLike":
            return not any(_glob(text, value) for text in wanted)
        case "ArnEquals" | "ArnLike":
            return any(_arn_like(text, value) for text in wanted)
        case "ArnNotEquals" | "ArnNotLike":
            return not any(_arn_like(text, value) for text in wanted)
        case "IpAddress":
            return any(ip_address(value) in ip_network(text, strict=False) for text in wanted)
        case "NotIpAddress":
            return not any(ip_address(value) in ip_network(text, strict=False) for text in wanted)
    raise ValueError(operator)


@lru_cache(maxsize=1 << 14)
def _glob_expression(pattern: str) -> re.Pattern[str]:
    # In shell globs `[` opens a set; in IAM it is a character like any other.
    return re.compile(translate(pattern.replace("[", "[[]")))


def _glob(pattern: str, text: str) -> bool:
    return _glob_expression(pattern).match(text) is not None


def _arn_like(pattern: str, arn: str) -> bool:
    if pattern.count(":") < 5:  # noqa: PLR2004 (six segments)
        return _glob(pattern, arn)
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    return len(given) == len(wanted) and all(
        _glob(ours, theirs) for ours, theirs in zip(wanted, given, strict=True)
    )
