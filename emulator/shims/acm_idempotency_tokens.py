"""An idempotency token makes the request for a certificate idempotent.

MiniStack ignores the token, so that a request that is sent again makes a second certificate, which no state knows. The
AWS provider sends one with each RequestCertificate.

AWS: ACM API reference, RequestCertificate, "IdempotencyToken"
(https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html): several calls with the same token
within one hour are one request, and one certificate is issued. Here a token never expires. What another request with
the same token gets is not documented, so it is carried out.
"""

import json
from typing import Any

from emulator.shims._patching import part, service, wrap
from emulator.shims._tokens import Answers


def apply() -> None:
    """Answer a request that was answered before without carrying it out again."""
    acm = service("services.acm")
    certificates = part(acm, "_certificates")
    answers = Answers(acm)

    def request_certificate(original: Any, request: dict[str, Any]) -> Any:  # noqa: ANN401
        token = request.get("IdempotencyToken")
        if not token:
            return original(request)
        key = f"{token} {json.dumps(request, sort_keys=True)}"
        answer = answers.once(key, request, lambda: original(request), lambda: original(request))
        # One that was deleted meanwhile is requested anew.
        arn = json.loads(answer[2]).get("CertificateArn")
        return answer if arn is None or arn in certificates else original(request)

    wrap(acm, "_request_certificate", request_certificate)
