"""What the Lambda runtime gives a handler, and what the tests take from Hypothesis."""

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, settings

_numbers = itertools.count(1)

# The same examples on every run and on every machine, however slow it is.
MANY = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=1000,
    suppress_health_check=list(HealthCheck),
)


@dataclass
class Context:
    """The runtime's context, as far as Powertools and the handlers read it."""

    aws_request_id: str = field(default_factory=lambda: f"request-{next(_numbers)}")
    function_name: str = "function"
    function_version: str = "$LATEST"
    memory_limit_in_mb: int = 256
    invoked_function_arn: str = "arn:aws:lambda:us-east-1:123456789012:function:function"

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def unique(prefix: str) -> str:
    """A name that no other test has."""
    return f"{prefix}-{next(_numbers)}"


def http_event(
    method: str,
    path: str,
    *,
    query: dict[str, str] | None = None,
    headers: dict[str, str] | None = None,
    body: str | None = None,
    base64: bool = False,
    claims: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """An HTTP API event of payload format 2.0."""
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": "",
        "headers": {name.lower(): value for name, value in (headers or {}).items()},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "api",
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1"},
            "requestId": "gateway-request",
            "stage": "$default",
        },
        "isBase64Encoded": base64,
    }
    if query is not None:
        event["queryStringParameters"] = query
    if body is not None:
        event["body"] = body
    if claims is not None:
        event["requestContext"]["authorizer"] = {"jwt": {"claims": claims, "scopes": None}}
    return event


def signup_event(tenant: str, **changes: Any) -> dict[str, Any]:
    """A `Tenant Signup` event."""
    event = {
        "version": "0",
        "id": unique("event"),
        "detail-type": "Tenant Signup",
        "source": "custom.signup",
        "account": "123456789012",
        "time": "2026-01-02T03:04:05Z",
        "region": "us-east-1",
        "resources": [],
        "detail": {"tenantId": tenant, "plan": "premium", "email": "someone@example.com"},
    }
    return event | changes


def document(answer: dict[str, Any]) -> Any:
    """The JSON in an HTTP answer."""
    return json.loads(answer["body"])
