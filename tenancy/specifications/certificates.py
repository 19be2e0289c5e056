"""The certificates of the load balancer: given, or issued by the platform's stack."""

from __future__ import annotations

from dataclasses import dataclass

from config.registry.custom_hosts import CustomHosts
from config.registry.models import Platform


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenCertificate:
    """A certificate that is there already.

    Attributes:
        arn: in ACM, of the stacks' region.
    """

    arn: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCertificate:
    """A certificate that the platform's stack has issued, validated and renewed.

    Attributes:
        domain: that the certificate is for, and every host directly below it.
        hosted_zone_id: the public zone of the domain, where the validation's record is.
    """

    domain: str
    hosted_zone_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedThrough:
    """Certificates that the platform's stack has issued for a tenant's own hosts, one for each, validated and renewed.

    Attributes:
        hosted_zone_id: the public zone that the hosts are in, where the validations' records are.
    """

    hosted_zone_id: str


def platform_certificate(platform: Platform) -> GivenCertificate | IssuedCertificate | None:
    """Return the certificate of the platform's domain; `None` where it serves plain HTTP."""
    if platform.certificate_arn:
        return GivenCertificate(arn=platform.certificate_arn)
    if platform.hosted_zone_id:
        return IssuedCertificate(domain=platform.domain, hosted_zone_id=platform.hosted_zone_id)
    return None


def custom_certificate(hosts: CustomHosts | None) -> GivenCertificate | IssuedThrough | None:
    """Return the certificate of a tenant's own hosts; `None` where there are none."""
    if hosts and hosts.certificate_arn:
        return GivenCertificate(arn=hosts.certificate_arn)
    if hosts and hosts.hosted_zone_id:
        return IssuedThrough(hosted_zone_id=hosts.hosted_zone_id)
    return None
