"""Which certificates a load balancer can use, and for which names AWS Certificate Manager (ACM) issues one."""

from __future__ import annotations

from typing import Final

from config import formats
from facts.domains import failure_reason

COMMON_NAME_LENGTH: Final = 64
"""Of a certificate that ACM issues
(https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html, read 2026-11-27)."""


def certificate_objection(arn: str, *, region: str | None, account: str | None) -> str | None:
    """Return what is expected instead of the certificate `arn`; `None` where the load balancer can use it.

    A certificate is used in its own region (https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html, read
    2026-11-28), and in its own account: ACM has no way to share one, and no page that was found says so in words.

    Args:
        arn: of the certificate.
        region: of the load balancer; `None` takes any.
        account: of the environment; `None` takes any.
    """
    if region and not (arn.split(":")[3] == region and formats.same_partition(arn, region)):
        return f"a certificate of the stacks' region, 'arn:{formats.partition(region)}:acm:{region}:...'"
    if account and arn.split(":")[4] != account:
        return f"a certificate of the environment's account, '{account}'"
    return None


def issuance_objection(domain: str) -> str | None:
    """Return what is expected instead of `domain`, for which ACM issues no certificate; `None` where it can."""
    if len(domain) > COMMON_NAME_LENGTH:
        return f"at most {COMMON_NAME_LENGTH} characters, which a certificate's common name may have"
    if reason := failure_reason(domain):
        return (
            "a public domain that is not Amazon's: AWS Certificate Manager issues no certificate for it "
            f"({reason})"
        )
    return None
