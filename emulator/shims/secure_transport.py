"""A signed request counts as sent over TLS, unless its `X-Forwarded-Proto` header says otherwise.

The emulator is reached over plain http on the loopback address, so that a policy which refuses plain http
refuses everything once IAM is enforced (`auth=True`).

AWS: IAM user guide, "AWS global condition context keys" (aws:SecureTransport): the SDKs and Terraform send every
request to AWS over TLS. A test of such a refusal sends `X-Forwarded-Proto: http`.
"""

from typing import Any

from emulator.shims._patching import service, wrap

HEADER = b"x-forwarded-proto"


def apply() -> None:
    """Add the header that a load balancer in front of AWS would add."""

    async def application(original: Any, scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401
        headers = dict(scope.get("headers", []))
        # Only requests of the AWS API: what a load balancer's or an HTTP API's client sends is their own matter.
        signed = headers.get(b"authorization", b"").startswith(b"AWS4") or b"X-Amz-" in scope.get(
            "query_string", b""
        )
        if scope["type"] == "http" and signed and HEADER not in headers:
            scope = {**scope, "headers": [*scope["headers"], (HEADER, b"https")]}
        await original(scope, receive, send)

    wrap(service("app"), "app", application)
