"""A certificate of a domain that ACM issues none for fails.

MiniStack issues one for any domain.

AWS: ACM user guide, "Certificate request fails"
(https://docs.aws.amazon.com/acm/latest/userguide/troubleshooting-cert-requests.html), and API reference,
`CertificateDetail`, `FailureReason` (https://docs.aws.amazon.com/acm/latest/APIReference/API_CertificateDetail.html,
read 2026-11-28): the request is accepted, and the certificate's status is `FAILED`. Which domains: `facts/domains.py`.
"""

from __future__ import annotations

import json
from typing import Any

from emulator.shims._patching import part, service, wrap
from facts.domains import failure_reason


def apply() -> None:
    """Look at the names of a certificate when it is requested, and say why it failed when it is described."""
    acm = service("services.acm")
    certificates = part(acm, "_certificates")

    def request_certificate(original: Any, request: dict[str, Any]) -> Any:  # noqa: ANN401
        answer = original(request)
        certificate = certificates.get(json.loads(answer[2]).get("CertificateArn"))
        names = [request.get("DomainName", ""), *request.get("SubjectAlternativeNames", ())]
        reasons = [reason for name in names if (reason := failure_reason(name.lower()))]
        if certificate and reasons:
            certificate |= {"Status": "FAILED", "FailureReason": reasons[0]}
        return answer

    def shape(original: Any, certificate: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401
        shown: dict[str, Any] = original(certificate)
        if certificate["Status"] == "FAILED":
            del shown["IssuedAt"], shown["NotBefore"], shown["NotAfter"]
            shown["FailureReason"] = certificate["FailureReason"]
        return shown

    wrap(acm, "_request_certificate", request_certificate)
    wrap(acm, "_cert_shape", shape)
