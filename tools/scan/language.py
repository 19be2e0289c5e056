"""What is wrong with an IAM document as such: it says something that AWS does not know, or that grants nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Final

from tools.scan.definitions import Action, Definitions
from tools.scan.findings import Finding
from tools.scan.policies import Document, Kind, Statement

VERSION: Final = "2012-10-17"
ELEMENTS: Final = frozenset(
    {
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    }
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html"""

GLOBAL_KEYS: Final = re.compile(
    r"aws:(assumedroot|calledvia(first|last)?|calledviaawsmcp|chatbotsourcearn|currenttime|ec2instancesourcevpc"
    r"|ec2instancesourceprivateipv4|epochtime|federatedprovider|multifactorauth(age|present)|principalaccount"
    r"|principalarn|principalisawsservice|principalorg(id|paths)|principalservicename(slist)?|principaltag/.+"
    r"|principaltype|referer|requestedregion|requesttag/.+|resourceaccount|resourceorg(id|paths)|resourcetag/.+"
    r"|securetransport|sourceaccount|sourcearn|sourceidentity|sourceip|sourceorg(id|paths)|sourcevpc(account|e|earn)?"
    r"|sourcevpceaccount|sourcevpceorgid|sourcevpceorgpaths|tagkeys|tokenissuetime|useragent|userid|username"
    r"|viaawsmcpservice|viaawsservice|vpcsourceip)"
)
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html"""

KEYS_OF_EVERY_REQUEST: Final = frozenset({"lambda:sourcefunctionarn"})
"""Whatever code in a function calls carries it, of whatever service
(https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html)."""

ARNS: Final[Mapping[str, str]] = {
    "aws_cloudwatch_event_rule": "arn:aws:events:region:account:rule/name",
    "aws_cloudwatch_log_group": "arn:aws:logs:region:account:log-group:name",
    "aws_db_instance": "arn:aws:rds:region:account:db:name",
    "aws_dynamodb_table": "arn:aws:dynamodb:region:account:table/name",
    "aws_ecs_cluster": "arn:aws:ecs:region:account:cluster/name",
    "aws_iam_role": "arn:aws:iam::account:role/name",
    "aws_kms_key": "arn:aws:kms:region:account:key/id",
    "aws_lambda_function": "arn:aws:lambda:region:account:function:name",
    "aws_rds_cluster": "arn:aws:rds:region:account:cluster:name",
    "aws_s3_bucket": "arn:aws:s3:::name",
    "aws_secretsmanager_secret": "arn:aws:secretsmanager:region:account:secret:name-suffix",
    "aws_sns_topic": "arn:aws:sns:region:account:name",
    "aws_sqs_queue": "arn:aws:sqs:region:account:name",
}
"""What `arn` of a resource looks like, by type
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html)."""

_REFERENCE: Final = re.compile(r"\$\{(?P<kind>[a-z0-9_]+)\.[^.}]+\.arn\}")
_EXPRESSION: Final = re.compile(r"\$\{[^}]*\}")


def check(document: Document, definitions: Definitions) -> Iterator[Finding]:
    """Find what IAM would refuse or never apply."""

    def finding(check: str, message: str) -> Finding:
        return Finding(check=check, address=document.address, message=message)

    if document.body is None:
        yield finding("IAM-101", "the document is an expression, which nothing here can read.")
        return
    if document.body.get("Version") != VERSION:
        yield finding("IAM-102", f"Version is {document.body.get('Version')!r}; variables need {VERSION!r}.")
    sids = [statement.body.get("Sid") for statement in document.statements]
    if len(set(sids)) < len(sids):
        yield finding("IAM-103", "two statements have the same Sid, or none.")
    for statement in document.statements:
        for id_, message in _statement(statement, document.kind, definitions):
            yield finding(id_, f"{statement.label} {message}")


def _statement(statement: Statement, kind: Kind, definitions: Definitions) -> Iterator[tuple[str, str]]:
    body = statement.body
    if odd := sorted(set(body) - ELEMENTS):
        yield "IAM-103", f"has {', '.join(odd)}, which IAM does not know."
    if body.get("Effect") not in {"Allow", "Deny"}:
        yield "IAM-103", f"has the effect {body.get('Effect')!r}."
    if kind is Kind.IDENTITY and {"Principal", "NotPrincipal"} & set(body):
        yield "IAM-103", "names a principal, which an identity's policy cannot."
    if kind is not Kind.IDENTITY and not {"Principal", "NotPrincipal"} & set(body):
        yield "IAM-103", "names no principal."
    if kind is not Kind.TRUST and not {"Resource", "NotResource"} & set(body):
        yield "IAM-103", "names no resource."
    known: list[Action] = []
    for pattern in statement.actions:
        actions = definitions.matching(pattern) if pattern != "*" else ()
        if not actions and pattern != "*":
            yield "IAM-104", f"names the action {pattern}, which AWS does not know."
        if kind is not Kind.TRUST and actions and not any(_applies(a, statement.resources) for a in actions):
            yield "IAM-105", f"names {pattern}, which applies to none of its resources."
        known += actions
    yield from _keys(statement, known)


def _applies(action: Action, resources: tuple[str, ...]) -> bool:
    """Tell whether one of `resources` can be something that `action` is done to."""
    return not resources or any(
        "*" in (resource, resolved := resolved_arn(resource))
        or (_EXPRESSION.search(resolved) is not None and not resolved.startswith("arn:"))
        or any(_overlap(pattern, resolved) for pattern in action.resources)
        for resource in resources
    )


def resolved_arn(text: str) -> str:
    """Return `text` with references to resources as ARNs of their type, and other expressions as one word."""
    known = _REFERENCE.sub(lambda match: ARNS.get(match["kind"], match[0]), text)
    return _EXPRESSION.sub("x", known) if known.startswith("arn:") else known


def _overlap(pattern: str, resource: str) -> bool:
    """Tell whether some ARN can match both; a star in either stands for anything."""
    return fnmatchcase(resource, pattern) or fnmatchcase(pattern, resource)


def _keys(statement: Statement, actions: list[Action]) -> Iterator[tuple[str, str]]:
    for condition in statement.conditions:
        key = condition.key.lower()
        if GLOBAL_KEYS.fullmatch(key) or key in KEYS_OF_EVERY_REQUEST or not actions:
            continue
        if not any(fnmatchcase(key, known) for action in actions for known in action.keys):
            yield "IAM-106", f"asks for {condition.key}, which no request for its actions carries."
