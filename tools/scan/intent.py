"""What no statement of ours may say, though IAM takes it and scanners pass it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from tools.scan.findings import Finding
from tools.scan.policies import Document, Kind, Statement

ACCOUNT: Final = (
    "aws:PrincipalAccount",
    "aws:PrincipalArn",
    "aws:PrincipalOrgID",
    "aws:SourceAccount",
    "aws:SourceArn",
    "kms:CallerAccount",
)
"""Keys that say which account a request comes from. A tag does not: another account tags its own roles as it likes."""
FOR_WHOM: Final = (
    "aws:SourceAccount",
    "aws:SourceArn",
    "aws:SourceOrgID",
    "kms:CallerAccount",
    "kms:EncryptionContext:",
)
"""Keys that say for whose resource a service acts
(https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html)."""
PASSED_ALONE: Final = frozenset({"lambda.amazonaws.com"})
"""Services that take a role only from who may pass it, which nobody can across accounts, and whose own guide asks for
no condition in the role's trust (https://docs.aws.amazon.com/lambda/latest/dg/lambda-intro-execution-role.html)."""
KEY_USE: Final = re.compile(
    r"kms:(\*|[CDEGR]\*?|(crea|decr|encr|genera|reencr)\w*\*|creategrant|decrypt|encrypt|generatedatakey\w*|reencrypt\w*)",
    re.IGNORECASE,
)
"""Actions that use a key, or that hand out its use; `kms:CreateAlias` does neither."""
EVERYTHING: Final = re.compile(r"\*|[a-z0-9-]+:\*", re.IGNORECASE)
_ROOT: Final = re.compile(r"arn:.*:iam::.*:root|[0-9]{12}")


def check(document: Document, tenants: frozenset[str]) -> Iterator[Finding]:
    """Find statements that grant more than anybody here means to.

    Args:
        document: any.
        tenants: ids of all tenants: nothing may run on after one of them.
    """
    for statement in document.statements:
        if statement.allows:
            for id_, message in _granted(statement, document.kind, tenants):
                yield Finding(check=id_, address=document.address, message=f"{statement.label} {message}")


def _granted(statement: Statement, kind: Kind, tenants: frozenset[str]) -> Iterator[tuple[str, str]]:
    for element in ("NotAction", "NotPrincipal", "NotResource"):
        if element in statement.body:
            yield "INT-201", f"allows by {element}: whatever AWS adds is allowed with it."
    if kind is Kind.ENDPOINT:
        if not _is_narrow(statement):
            yield "INT-203", "lets everyone's requests to everyone's resources pass."
    else:
        yield from _admitted(statement, kind)
        if wide := [action for action in statement.actions if EVERYTHING.fullmatch(action)]:
            yield "INT-207", f"allows {', '.join(wide)}."
    yield from _after_tenants(statement, tenants)


def _admitted(statement: Statement, kind: Kind) -> Iterator[tuple[str, str]]:
    """Find whom a statement admits without asking what must be asked."""
    if "*" in statement.principals.get("AWS", ()) and not statement.asks(*ACCOUNT):
        yield "INT-202", "admits everyone: nothing in it asks for the account that the request comes from."
    if kind is Kind.TRUST:
        yield from _trusted(statement)
        return
    for service in statement.principals.get("Service", ()):
        if not statement.asks(*FOR_WHOM):
            yield "INT-205", f"lets {service} act for anybody: nothing in it asks for whose resource."
    if kind is Kind.KEY and not statement.conditions and _used_by_account(statement):
        yield "INT-206", "lets all of the account use the key: IAM policies alone decide then."


def _is_narrow(statement: Statement) -> bool:
    """Tell whether an endpoint's statement names resources, or asks who or whose."""
    return "*" not in statement.resources or bool(statement.conditions)


def _trusted(statement: Statement) -> Iterator[tuple[str, str]]:
    for kind, identifiers in statement.principals.items():
        for identifier in identifiers:
            if kind == "Service":
                if identifier not in PASSED_ALONE and not statement.asks(*FOR_WHOM):
                    yield "INT-204", f"lets {identifier} take the role for anybody."
            elif not statement.conditions:
                yield "INT-204", f"lets {identifier} take the role without a condition."


def _used_by_account(statement: Statement) -> bool:
    wide = any(_ROOT.fullmatch(who) or who == "*" for who in statement.principals.get("AWS", ()))
    return wide and any(KEY_USE.fullmatch(action) or action == "*" for action in statement.actions)


def _after_tenants(statement: Statement, tenants: frozenset[str]) -> Iterator[tuple[str, str]]:
    """Find a wildcard that runs on after a tenant's id: `acme-*` means `acme-eu` too."""
    texts = [*statement.resources, *(value for found in statement.principals.values() for value in found)]
    for condition in statement.conditions:
        if "Like" in condition.operator or "Arn" in condition.operator:
            texts += condition.values
    for text in texts:
        for tenant in tenants:
            if re.search(rf"(?<![a-z0-9]){re.escape(tenant)}-?[*?]", text):
                yield "INT-208", f"has a wildcard after the tenant's id {tenant}: {text}"
