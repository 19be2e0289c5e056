"""What each kind of attacker can choose in a request, and what AWS sets for it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html is the source unless another
stands beside it. A key that is not listed is free and *in doubt*: a proof may not rest on it, nor may a violation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from isolation.model import ANONYMOUS, FOREIGN, SERVICE, Caller, Target
from isolation.patterns import arn_segments

MULTIVALUED: Final = frozenset(
    {
        "aws:calledvia",
        "aws:principalorgpaths",
        "aws:principalservicenameslist",
        "aws:tagkeys",
        "dynamodb:attributes",
        "dynamodb:leadingkeys",
    }
)
"""Keys that hold several values
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html)."""

_CHOSEN: Final = re.compile(
    r"aws:(securetransport|sourceip|requesttag/.*|tagkeys|calledvia(first|last)?|viaawsservice|referer|useragent"
    r"|requestedregion)"
    r"|(cognito-idp|dynamodb|ec2|ecr|ecs|events|execute-api|iam|kms|lambda|logs|rds|s3|secretsmanager|sns|sqs|ssm|sts):.*"
)
"""Keys whose value the caller chooses, directly or by how it calls. An address tells no tenant from another."""

_FROM_SOURCE: Final = {"logs": "kms:encryptioncontext:aws:logs:arn"}
"""Encryption contexts that a service sets to the ARN of what it acts for
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html)."""

_SERVICE_OF_ARN: Final = {
    "apigateway": ("execute-api", "apigateway"),
    "delivery": ("logs",),
    "vpc-flow-logs": ("ec2", "logs"),
}


@dataclass(frozen=True, slots=True)
class Fixed:
    """AWS sets the key.

    Attributes:
        values: none if the key is missing.
    """

    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Free:
    """The attacker chooses the value.

    Attributes:
        variable: its name in formulas.
        domain: patterns, one of which the value matches; empty for any text.
        literals: values, one of which it is; empty for any text.
        strange: it equals no literal that a policy names.
        required: it is there in any case.
        doubt: why nothing may rest on it.
    """

    variable: str
    domain: tuple[str, ...] = ()
    literals: tuple[str, ...] = ()
    strange: bool = False
    required: bool = False
    doubt: str = ""


def context(key: str, caller: Caller, target: Target) -> Fixed | Free:  # noqa: PLR0911 (a table)
    """Return what is known of the condition key `key` (lower-case) in requests of `caller` on `target`."""
    for name, values in target.context:
        if name == key:
            return Free(key, literals=values, required=True)
    if "resourcetag/" in key and key.partition(":")[2].startswith("resourcetag/"):
        return _tag(key, target.tags)
    if key == "aws:resourceaccount":
        return Fixed((target.account,))
    found = _of_principal(key, caller)
    if found is not None:
        return found
    if key == "aws:securetransport":
        return Free(key, literals=("true", "false"), required=True)
    if _CHOSEN.fullmatch(key):
        return Free(key)
    return Free(key, doubt=f"condition key {key}")


def _tag(key: str, tags: object) -> Fixed | Free:
    if not isinstance(tags, dict):
        return Free(key)
    wanted = key.partition("/")[2]
    # Tag keys compare without case (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags.html).
    return Fixed(tuple(value for name, value in sorted(tags.items()) if name.lower() == wanted)[:1])


def _of_principal(key: str, caller: Caller) -> Fixed | Free | None:  # noqa: C901, PLR0911 (a table)
    if key.startswith("aws:principaltag/"):
        return Fixed() if caller.type in {"anonymous", "service"} else _tag(key, caller.tags)
    if key == "aws:principalaccount":
        return Fixed((caller.account,) if caller.account else ())
    if key == "aws:principalarn":
        if caller.type == "foreign":
            return Free("principal", domain=(f"arn:*:iam::{caller.account}:*",), required=True)
        return Fixed((caller.arn,) if caller.arn else ())
    if key == "aws:principalorgid":
        # Nobody joins an organization by wishing; whether the stacks' own account is in one is not known.
        if caller.type == "role":
            return Free(key, doubt="membership of an organization")
        return Free(key, strange=True) if caller.type == "foreign" else Fixed()
    if key == "aws:principalisawsservice":
        return Fixed(("true" if caller.type == "service" else "false",))
    if key == "aws:principaltype":
        return Fixed(("Anonymous",)) if caller.type == "anonymous" else Free(key)
    if key == "lambda:sourcefunctionarn":
        # https://docs.aws.amazon.com/lambda/latest/dg/permissions-source-function-arn.html
        if caller.type != "role":
            return Fixed()
        if caller.functions is None:
            return Free(key)
        return Free(key, literals=caller.functions, required=True) if caller.functions else Fixed()
    return _of_source(key, caller)


def _of_source(key: str, caller: Caller) -> Fixed | Free | None:
    """Return what a service's own keys hold: they speak of whom it acts for, and only calls by services carry them."""
    if key in {"aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths"}:
        if caller.type != "service":
            return Fixed()
        if key == "aws:sourcearn":
            # The ARN of a bucket holds no account, but another's bucket never has the name of one that exists.
            buckets = caller.owner == SERVICE and any(":s3:::" in source for source in caller.sources)
            return Free(key, domain=caller.sources, strange=buckets)
        if key == "aws:sourceaccount":
            return Free(key, literals=(caller.source_account,))
        return Free(key, strange=True)
    if caller.type == "service" and key == _FROM_SOURCE.get(caller.service.split(".")[0]):
        return Free(key, domain=caller.sources)
    return None


def foreign_account(account: str) -> Caller:
    """Return anybody in the account `account`: every identity permission, and tags of their own choice."""
    return Caller(
        type="foreign",
        name=f"any principal of account {account}",
        owner=FOREIGN,
        account=account,
        administrator=True,
    )


def anonymous() -> Caller:
    """Return a caller without credentials."""
    return Caller(type="anonymous", name="a caller without credentials", owner=ANONYMOUS)


def service_for_foreigner(service: str, account: str, *, bucket: bool) -> Caller:
    """Return `service` acting for a resource of the foreign account `account`, or for a bucket of it."""
    pattern = "arn:*:s3:::*" if bucket else f"arn:*:*:*:{account}:*"
    return Caller(
        type="service",
        name=f"{_named(service)} acting for account {account}",
        owner=SERVICE,
        service=service,
        sources=(pattern,),
        source_account=account,
    )


def service_for_tenant(service: str, tenant: str, arns: tuple[str, ...], account: str) -> Caller | None:
    """Return `service` acting for the resources `arns` of `tenant`; `None` if none of them is the service's."""
    label = service.split(".", maxsplit=1)[0]
    segments = _SERVICE_OF_ARN.get(label, (label,))
    sources = tuple(arn for arn in arns if service == "*" or (arn_segments(arn) or [""] * 3)[2] in segments)
    if not sources:
        return None
    return Caller(
        type="service",
        name=f"{_named(service)} acting for {tenant}",
        owner=tenant,
        service=service,
        sources=sources,
        source_account=account,
    )


def _named(service: str) -> str:
    return "an AWS service" if service == "*" else service
