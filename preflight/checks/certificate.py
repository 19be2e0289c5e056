"""The load balancer's certificate: issued, or can be, of this region, for every tenant's host."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from fleet.synthesized import SynthesizedStack
from preflight.account import code_of
from preflight.deployment import Deployment
from preflight.findings import Finding, stops, warns

SOON = timedelta(days=30)


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find certificates that a listener cannot use, and hosts that none covers."""
    for stack in deployment.stacks:
        for arn in sorted(set(stack.literals("aws_lb_listener", "certificate_arn"))):
            yield from _certificate(deployment, stack, arn)
        for id_ in sorted(set(stack.literals("aws_route53_record", "zone_id"))):
            for domain in stack.literals("aws_acm_certificate", "domain_name"):
                yield from _zone(deployment, id_, domain)


def _zone(deployment: Deployment, id_: str, domain: str) -> Iterator[Finding]:
    """Find what keeps ACM from seeing the record that validates `domain` in the hosted zone `id_`."""
    advice = "Say the public hosted zone of the domain, in this account, as `platform.hosted_zone_id`."
    try:
        zone = deployment.account.client("route53").get_hosted_zone(Id=id_)["HostedZone"]
    except ClientError as error:
        if code_of(error) != "NoSuchHostedZone":
            raise
        yield stops(f"the hosted zone {id_} does not exist.", advice)
        return
    name = zone["Name"].rstrip(".")
    if zone.get("Config", {}).get("PrivateZone"):
        yield stops(f"the hosted zone {id_} is private: ACM does not see what is in it.", advice)
    elif not f".{domain}".endswith(f".{name}"):
        yield stops(f"the hosted zone {id_} is of {name}, which {domain} is not in.", advice)


def _certificate(deployment: Deployment, stack: SynthesizedStack, arn: str) -> Iterator[Finding]:
    region = arn.split(":")[3]
    if region != deployment.account.region:
        yield stops(
            f"{arn} is of {region}; a load balancer takes certificates of its own region.",
            f"Request one in {deployment.account.region}.",
        )
        return
    try:
        found = deployment.account.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        yield stops(f"{arn} does not exist.", "Check `platform.certificate_arn`.")
        return
    yield from _usable(arn, found)
    names = [found["DomainName"], *found.get("SubjectAlternativeNames", [])]
    if missing := [host for host in hosts(stack) if not any(covers(name, host) for name in names)]:
        yield warns(
            f"{arn} is for {', '.join(sorted(set(names)))}, and not for {', '.join(missing)}: browsers warn.",
            "Request one that names these hosts; a wildcard stands for one label.",
        )


def _usable(arn: str, found: dict[str, Any]) -> Iterator[Finding]:
    if found["Status"] != "ISSUED":
        yield stops(f"{arn} is {found['Status']}.", "Have it validated before the deployment.")
    expires = found.get("NotAfter")
    if expires is not None and expires - datetime.now(UTC) < SOON and found.get("Type") == "IMPORTED":
        yield warns(
            f"{arn} ends on {expires:%Y-%m-%d}, and ACM renews no imported one.", "Import its successor."
        )


def hosts(stack: SynthesizedStack) -> list[str]:
    """Return every host that a rule of the load balancer names."""
    return sorted(
        {
            host
            for rule in stack.all("aws_lb_listener_rule").values()
            for condition in rule.get("condition", [])
            for host in condition.get("host_header", {}).get("values", [])
        }
    )


def covers(name: str, host: str) -> bool:
    """Tell whether a certificate's name is good for `host`; a wildcard stands for exactly one label (RFC 6125)."""
    if name.lower() == host.lower():
        return True
    return (
        name.startswith("*.") and "." in host and name[2:].lower() == host.split(".", maxsplit=1)[1].lower()
    )


def seen(deployment: Deployment) -> str:
    """Say which are used."""
    arns = {
        arn for stack in deployment.stacks for arn in stack.literals("aws_lb_listener", "certificate_arn")
    }
    issued = {
        f"one that is issued for {domain}"
        for stack in deployment.stacks
        for domain in stack.literals("aws_acm_certificate", "domain_name")
    }
    return ", ".join(sorted({*arns, *issued})) or "none is used"
