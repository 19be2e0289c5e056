"""Grants of access that are not policy documents, written as the statements that they amount to."""

from __future__ import annotations

from isolation.catalogue.arns import PARTITION
from isolation.iam.elements import Unsupported, parse_principal
from isolation.iam.language import ANYONE, ParsedCondition, ParsedPolicy, ParsedStatement, PrincipalPattern
from isolation.synthesized.interpolation import OPAQUE
from isolation.synthesized.json_blocks import as_list
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack


def default_key_policy(stack: SynthesizedStack, resource: SynthesizedResource) -> ParsedPolicy:
    """Return what AWS gives a key without a policy (https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html)."""
    root = (PrincipalPattern("account", stack.account),)
    return (
        ParsedStatement(f"{resource.address} default policy", "Allow", ("kms:*",), ("*",), principals=root),
    )


def permission_statement(stack: SynthesizedStack, resource: SynthesizedResource) -> ParsedStatement:
    """Return a permission as a statement (https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html)."""
    body = resource.body
    doubts = [
        f"{resource.address}: argument {name}"
        for name in ("event_source_token", "function_url_auth_type")
        if name in body
    ]
    text = stack.text(body.get("principal", ""))
    principal = ANYONE
    try:
        principal = parse_principal(
            "Service" if text.endswith((".amazonaws.com", ".amazonaws.com.cn")) else "AWS", text
        )
    except Unsupported as doubt:
        doubts.append(f"{resource.address}: {doubt}")
    conditions = []
    for argument, operator, key in (
        ("source_arn", "ArnLike", "aws:sourcearn"),
        ("source_account", "StringEquals", "aws:sourceaccount"),
        ("principal_org_id", "StringEquals", "aws:principalorgid"),
    ):
        value = stack.text(body[argument]) if argument in body else ""
        if OPAQUE in value:
            doubts.append(f"{resource.address}: argument {argument}")
        elif value:
            conditions.append(ParsedCondition(operator, "", False, key, (value,)))  # noqa: FBT003 (a field)
    return ParsedStatement(
        source=resource.address,
        effect="Allow",
        actions=(stack.text(body.get("action", "*")).lower(),),
        resources=("*",),
        principals=(principal,),
        conditions=tuple(conditions),
        doubts=tuple(doubts),
    )


def grant_statement(stack: SynthesizedStack, resource: SynthesizedResource) -> ParsedStatement:
    """Return a grant without its constraints (https://docs.aws.amazon.com/kms/latest/developerguide/grants.html)."""
    doubts = (f"{resource.address}: constraints",) if "constraints" in resource.body else ()
    try:
        principal = parse_principal("AWS", stack.text(resource.body.get("grantee_principal", "")))
    except Unsupported as doubt:
        principal, doubts = ANYONE, (f"{resource.address}: {doubt}",)
    actions = tuple(f"kms:{operation}".lower() for operation in as_list(resource.body.get("operations")))
    return ParsedStatement(resource.address, "Allow", actions, ("*",), principals=(principal,), doubts=doubts)


def bus_arn(stack: SynthesizedStack, name: str) -> str:
    """Return the ARN of the event bus `name`, which may be an ARN itself."""
    if name.startswith("arn:"):
        return name
    return f"arn:{PARTITION}:events:{stack.region}:{stack.account}:event-bus/{name}"


def event_permission_statement(stack: SynthesizedStack, resource: SynthesizedResource) -> ParsedStatement:
    """Return a permission on an event bus (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutPermission.html)."""
    body = resource.body
    doubts = [f"{resource.address}: argument condition"] if "condition" in body else []
    try:
        principal = parse_principal("AWS", stack.text(body.get("principal", "*")))
    except Unsupported as doubt:
        principal = ANYONE
        doubts.append(f"{resource.address}: {doubt}")
    action = stack.text(body.get("action", "events:PutEvents")).lower()
    return ParsedStatement(
        resource.address, "Allow", (action,), ("*",), principals=(principal,), doubts=tuple(doubts)
    )


def acl_statement(resource: SynthesizedResource) -> ParsedStatement:
    """Return a canned ACL as a statement (https://docs.aws.amazon.com/AmazonS3/latest/userguide/acl-overview.html)."""
    public = resource.body.get("acl") in ("public-read", "public-read-write", "authenticated-read")
    doubts = () if public else (f"{resource.address}: access control list",)
    actions = ("s3:getobject", "s3:listbucket", "s3:putobject")
    return ParsedStatement(resource.address, "Allow", actions, ("*",), principals=(ANYONE,), doubts=doubts)


def function_url_statement(resource: SynthesizedResource) -> ParsedStatement:
    """Return a function URL without authorization (https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html)."""
    actions = ("lambda:invokefunctionurl",)
    return ParsedStatement(resource.address, "Allow", actions, ("*",), principals=(ANYONE,))
