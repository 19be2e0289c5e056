"""Callers that no stack declares: foreign accounts, AWS services, nobody in particular, the administrator."""

from __future__ import annotations

from isolation.catalogue.condition_keys import ARN_SERVICES_OF
from isolation.iam.patterns import arn_segments
from isolation.model.caller import ANONYMOUS, FOREIGN, SERVICE, Caller


def foreign_account(account: str) -> Caller:
    """Return anybody in the account `account`, with every identity permission and tags of their own choice."""
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
    labels = labels_of(service)
    segments = ARN_SERVICES_OF.get(".".join(labels)) or ARN_SERVICES_OF.get(labels[0], labels[:1])
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


def labels_of(service: str) -> tuple[str, ...]:
    """Return the labels of a service's principal: of `delivery.logs.amazonaws.com`, `delivery` and `logs`."""
    return tuple(service.partition(".amazonaws.")[0].split("."))


def service_as_configured(service: str, tenant: str, sources: tuple[str, ...], account: str) -> Caller:
    """Return `service` acting for one of `sources` in the stacks' account, because `tenant` may configure it to."""
    return Caller(
        type="service",
        name=f"{service} as configured by {tenant}",
        owner=SERVICE,
        service=service,
        sources=sources,
        source_account=account,
    )


def administrator(account: str) -> Caller:
    """Return an administrator of the stacks' account, whom no tenant owns."""
    return Caller(
        type="role",
        name="the account's administrator",
        owner=None,
        arn=f"arn:aws:iam::{account}:role/⟦administrator⟧",
        account=account,
        administrator=True,
    )


def somebody(account: str) -> Caller:
    """Return a role of the stacks' account of which nothing is known but that it has every identity permission."""
    return Caller(
        type="role",
        name="another tenant's role",
        owner=None,
        arn=f"arn:aws:iam::{account}:role/⟦any⟧",
        account=account,
        administrator=True,
    )


def undeclared_role(name: str, account: str) -> Caller:
    """Return a role that no stack declares, of which nothing is known: not what it may do, nor its tags."""
    return Caller(
        type="role",
        name=f"{name}, a role that no stack declares",
        owner=None,
        arn=name if name.startswith("arn:") else f"arn:aws:iam::{account}:role/⟦undeclared⟧",
        account=account,
        administrator=True,
    )


def _named(service: str) -> str:
    return "an AWS service" if service == "*" else service
