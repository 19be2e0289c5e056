"""Hosts of a tenant's own, beside the one below the platform's domain, and their certificate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints

from config import formats
from config.problems import Problem
from config.registry.certificates import certificate_objection, issuance_objection
from config.registry.fields import RegistryEntry, distinct
from config.yaml_file import Document, Location, shown_path

MOST_HOSTS: Final = 3
"""A rule takes five condition values, of which the host below the platform's domain takes two
(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html, read 2026-11-27)."""
HOST_LENGTH: Final = 128
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HostHeaderConditionConfig.html"""


Host = Annotated[str, StringConstraints(pattern=formats.DOMAIN, max_length=HOST_LENGTH)]


class CustomHosts(RegistryEntry):
    """Hosts of the tenant's own, which its certificate names."""

    names: Annotated[
        tuple[Host, ...],
        Field(strict=False, min_length=1, max_length=MOST_HOSTS, json_schema_extra={"uniqueItems": True}),
        AfterValidator(distinct),
    ] = Field(
        description=f"a list of 1 to {MOST_HOSTS} hosts, each once and no wildcard, such as 'shop.acme.example', which "
        "the tenant answers at as well"
    )
    certificate_arn: str | None = Field(
        None,
        pattern=formats.CERTIFICATE_ARN,
        description="the ARN of an ACM certificate for these hosts, of the platform's region; null with "
        "'hosted_zone_id'",
    )
    hosted_zone_id: str | None = Field(
        None,
        pattern=formats.HOSTED_ZONE_ID,
        description="the id of the public Route 53 hosted zone, in the environment's account, that these hosts are in, "
        "through which a certificate for each is issued and renewed; null with 'certificate_arn'",
    )


def custom_host_problems(
    document: Document,
    given: Mapping[str, CustomHosts],
    *,
    domain: str,
    encrypted: bool,
    region: str | None,
    account: str | None,
) -> Iterator[tuple[Location, Problem]]:
    """Yield the hosts that somebody else has, and the certificates that the load balancer cannot use.

    Args:
        document: the registry's file, to name places.
        given: hosts by tenant.
        domain: the platform's: what is below it is given out by tenant ids.
        encrypted: whether the platform has a certificate of its own, so that there is a listener for theirs.
        region: of the stacks; `None` takes certificates of any.
        account: of the environment; `None` takes certificates of any.
    """
    claimed: dict[str, Location] = {}
    for tenant, hosts in given.items():
        here: Location = ("tenants", tenant, "fargate", "custom_hosts")
        if not encrypted:
            expected = "none where the platform has no certificate: hosts of a tenant's own are served over TLS alone"
            yield here, Problem(where=document.where(here), received="a mapping", expected=expected)
        yield from _certificate_problems(document, here, hosts)
        arn = hosts.certificate_arn
        if arn and (objection := certificate_objection(arn, region=region, account=account)):
            location: Location = (*here, "certificate_arn")
            yield location, Problem(where=document.where(location), received=arn, expected=objection)
        for number, name in enumerate(hosts.names):
            location = (*here, "names", number)
            expected = ""
            if name == domain or name.endswith(f".{domain}"):
                expected = f"a host that is not below the platform's domain, '{domain}'"
            elif name in claimed:
                expected = f"a host other than that of {shown_path(claimed[name])}"
            if expected:
                yield location, Problem(where=document.where(location), received=name, expected=expected)
            claimed.setdefault(name, location)


def _certificate_problems(
    document: Document, here: Location, hosts: CustomHosts
) -> Iterator[tuple[Location, Problem]]:
    """Yield where the hosts at `here` have two certificates or none, or one that ACM does not issue."""
    if (hosts.certificate_arn is None) == (hosts.hosted_zone_id is None):
        received = "neither" if hosts.certificate_arn is None else "both"
        expected = (
            "either 'certificate_arn' or 'hosted_zone_id': hosts of a tenant's own are served over TLS alone"
        )
        yield here, Problem(where=document.where(here), received=received, expected=expected)
    for number, name in enumerate(hosts.names if hosts.hosted_zone_id else ()):
        if objection := issuance_objection(name):
            location: Location = (*here, "names", number)
            yield location, Problem(where=document.where(location), received=name, expected=objection)
