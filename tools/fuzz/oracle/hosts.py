"""What AWS says of hosts of tenants' own and of their certificates."""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any

from tools.fuzz.oracle.names import certificate_objections, label_objections


def hosts_objections(registry: dict[str, Any], region: str) -> Iterator[str]:
    """Yield why no load balancer of `region` answers at the hosts of the tenants' own in `registry`."""
    platform = registry.get("platform") or {}
    domain = platform.get("domain", "example.com")
    seen: list[str] = []
    for id_, tenant in registry["tenants"].items():
        hosts = (tenant.get("fargate") or {}).get("custom_hosts")
        if hosts is None:
            continue
        if platform.get("certificate_arn") is None and platform.get("hosted_zone_id") is None:
            yield f"{id_} has hosts, and no listener speaks TLS"
        seen += hosts["names"]
        # Five values of a rule's conditions, of which two are taken
        # (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html).
        if not 1 <= len(hosts["names"]) <= 3:
            yield f"{id_} has {len(hosts['names'])} hosts"
        for name in hosts["names"]:
            yield from label_objections(name)
            if len(name) > 128:
                yield f"a host of {len(name)} characters"
            if name.split(".")[-len(domain.split(".")) :] == domain.split("."):
                yield f"a host of the platform's: {name!r}"
        yield from _certificate_objections(id_, hosts, region)
    if len(set(seen)) != len(seen):
        yield f"hosts that are given twice: {seen}"


def _certificate_objections(id_: str, hosts: dict[str, Any], region: str) -> Iterator[str]:
    arn, zone = hosts.get("certificate_arn"), hosts.get("hosted_zone_id")
    if arn is None and zone is None:
        yield f"{id_} has hosts without a certificate"
    if arn is not None and zone is not None:
        yield f"{id_} has two certificates for its hosts"
    if arn is not None:
        yield from certificate_objections(arn, region)
    if zone is not None:
        yield from zone_objections(zone)
        for name in hosts["names"]:
            yield from issuance_objections(name)


def certificates(registry: dict[str, Any]) -> Iterator[str]:
    """Yield the ARNs of the certificates that `registry` gives."""
    hosts = [(tenant.get("fargate") or {}).get("custom_hosts") for tenant in registry["tenants"].values()]
    for entry in (registry.get("platform"), *hosts):
        if entry is not None and entry.get("certificate_arn") is not None:
            yield entry["certificate_arn"]


def zone_objections(zone: str) -> Iterator[str]:
    """Yield why `zone` is no hosted zone (https://docs.aws.amazon.com/Route53/latest/APIReference/API_HostedZone.html)."""
    if zone[:1] != "Z" or not 2 <= len(zone) <= 32:
        yield f"no hosted zone: {zone!r}"
    if any(character not in string.ascii_uppercase + string.digits for character in zone):
        yield f"no hosted zone: {zone!r}"


def issuance_objections(domain: str) -> Iterator[str]:
    """Yield why ACM issues no certificate for `domain`.

    Sources: https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-cert-requests.html,
    https://repost.aws/knowledge-center/acm-certificate-fail
    """
    labels = domain.split(".")
    if len(domain) > 64:
        yield f"a common name of {len(domain)} characters"
    if labels[-1] in {"alt", "internal", "invalid", "local", "localhost", "onion", "test"}:
        yield f"a domain that is not public: {domain!r}"
    if labels[-2:] in (
        ["home", "arpa"],
        ["amazonaws", "com"],
        ["cloudfront", "net"],
        ["elasticbeanstalk", "com"],
    ):
        yield f"a domain that nobody else has: {domain!r}"
