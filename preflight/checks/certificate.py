"""The load balancer's certificate: issued, or can be, of this region, for every tenant's host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.exceptions import ClientError

from fleet.synthesized import SynthesizedStack
from preflight.account import code_of
from preflight.deployment import Deployment
from preflight.findings import Finding, stops, warns

SOON = timedelta(days=30)
CERTIFICATE = re.compile(r"\baws_acm_certificate\.([\w-]+)\.")
"""What a record that validates a certificate refers to."""


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find certificates that a listener cannot use, and hosts that none covers."""
    for stack in deployment.stacks:
        named, complete = set(issued(stack)), True
        for arn in given(stack):
            names, findings = _certificate(deployment, arn)
            named |= names
            complete = complete and bool(names)
            yield from findings
        if complete and given(stack):
            yield from _uncovered(stack, named)
        for record in stack.all("aws_route53_record").values():
            found = CERTIFICATE.search(str(record.get("name")))
            body = stack.all("aws_acm_certificate").get(found[1], {}) if found else {}
            if "domain_name" in body:
                yield from _zone(deployment, record["zone_id"], body["domain_name"])


def given(stack: SynthesizedStack) -> list[str]:
    """Return the ARNs of the certificates that the stack's listeners show and that are there already."""
    kinds = ("aws_lb_listener", "aws_lb_listener_certificate")
    return sorted({arn for kind in kinds for arn in stack.literals(kind, "certificate_arn")})


def issued(stack: SynthesizedStack) -> Iterator[str]:
    """Yield the names of the certificates that the stack has issued."""
    for body in stack.all("aws_acm_certificate").values():
        yield from (body["domain_name"], *(body.get("subject_alternative_names") or ()))


def _uncovered(stack: SynthesizedStack, named: set[str]) -> Iterator[Finding]:
    if missing := [host for host in hosts(stack) if not any(covers(name, host) for name in named)]:
        yield warns(
            f"{stack.id} has certificates for {', '.join(sorted(named))}, and not for {', '.join(missing)}: "
            "browsers warn.",
            "Request one that names these hosts; a wildcard stands for one label.",
        )


def _zone(deployment: Deployment, id_: str, domain: str) -> Iterator[Finding]:
    """Find what keeps ACM from seeing the record that validates `domain` in the hosted zone `id_`."""
    advice = "Say the public hosted zone of the domain, in this account, as `hosted_zone_id`."
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


def _certificate(deployment: Deployment, arn: str) -> tuple[set[str], list[Finding]]:
    """Return the names of the certificate `arn`, none where it cannot be used here, and what is wrong with it."""
    region = arn.split(":")[3]
    if region != deployment.account.region:
        elsewhere = stops(
            f"{arn} is of {region}; a load balancer takes certificates of its own region.",
            f"Request one in {deployment.account.region}.",
        )
        return set(), [elsewhere]
    try:
        found = deployment.account.client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    except ClientError as error:
        if code_of(error) != "ResourceNotFoundException":
            raise
        return set(), [stops(f"{arn} does not exist.", "Check `certificate_arn` in the registry.")]
    return {found["DomainName"], *found.get("SubjectAlternativeNames", [])}, list(_usable(arn, found))


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
    there = {arn for stack in deployment.stacks for arn in given(stack)}
    made = {
        f"one that is issued for {domain}"
        for stack in deployment.stacks
        for domain in stack.literals("aws_acm_certificate", "domain_name")
    }
    return ", ".join(sorted({*there, *made})) or "none is used"
