"""Domains for which AWS Certificate Manager (ACM) issues no public certificate, whoever asks."""

from __future__ import annotations

from datetime import date
from typing import Final

from facts.sourced import Sourced

AMAZONS: Final = Sourced(
    value=frozenset({"amazonaws.com", "cloudfront.net", "elasticbeanstalk.com"}),
    source="https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-cert-requests.html",
    checked=date(2026, 11, 28),
)
"""Amazon's own domains: a request for one, or for a name below it, fails. AWS's Knowledge Center has that among the
reasons (https://repost.aws/knowledge-center/acm-certificate-fail); these three are those that people ask for, and not
all that Amazon owns."""

NOT_PUBLIC: Final = Sourced(
    value=frozenset({"alt", "home.arpa", "internal", "invalid", "local", "localhost", "onion", "test"}),
    source="https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-cert-requests.html",
    checked=date(2026, 11, 28),
)
"""Domains that the public DNS never has, so that a request fails with "Invalid Public Domain".

They are IANA's special-use names (https://www.iana.org/assignments/special-use-domain-names) and `internal`, which
ICANN keeps for private use. The names kept for documentation, `example` and `example.com`, are not among them: there
they stand for a domain of the reader's own. Nobody has a hosted zone for one, which `make preflight` tells.
"""


def failure_reason(domain: str) -> str | None:
    """Return why a request for a certificate of `domain` fails; `None` where it is not known to.

    The reasons are ACM's own names
    (https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html, `FailureReason`).

    Args:
        domain: in lower case; a wildcard's `*.` may be in front.
    """
    for reason, suffixes in (
        ("DOMAIN_NOT_ALLOWED", AMAZONS.value),
        ("INVALID_PUBLIC_DOMAIN", NOT_PUBLIC.value),
    ):
        if any(f".{domain}".endswith(f".{suffix}") for suffix in suffixes):
            return reason
    return None
