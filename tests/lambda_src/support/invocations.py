"""What Lambda invokes a handler with."""

import itertools
import json
from typing import Any

from aws_lambda_powertools.utilities.typing import LambdaContext

_numbers = itertools.count(1)


class Context(LambdaContext):
    """The context of one invocation, as far as Powertools and the handlers read it."""

    def __init__(self, aws_request_id: str | None = None) -> None:
        self._aws_request_id = aws_request_id or f"request-{next(_numbers)}"
        self._function_name = "function"
        self._memory_limit_in_mb = 256
        self._invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:function"


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
    caller: str | None = None,
) -> dict[str, Any]:
    """An HTTP API event of payload format 2.0: of a user with an access token, or of the `caller` who signed it."""
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
    if caller is None:
        given = {"sub": "user", "token_use": "access"} | (claims or {})
        event["requestContext"]["authorizer"] = {"jwt": {"claims": given, "scopes": None}}
    else:
        event["requestContext"]["authorizer"] = {"iam": {"accountId": "123456789012", "userArn": caller}}
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
