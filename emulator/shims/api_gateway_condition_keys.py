"""`apigateway:Request/ApiName` and `apigateway:Resource/ApiName` carry the name of an HTTP API.

MiniStack never sets them, so that a right with such a condition allows nothing.

AWS: Service Authorization Reference, Amazon API Gateway Management V2: the request's name is there where an API is
created, the existing one's where an API is changed or deleted, and neither on what is in an API or on tags
(https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonapigatewaymanagementv2.html).
"""

import re
from contextvars import ContextVar
from typing import Any

from emulator.shims._parameters import fields_of
from emulator.shims._patching import part, service, wrap

API = re.compile(r"/v2/apis/(?P<id>[^/]+)/?")
_path: ContextVar[str] = ContextVar("_path", default="")


def apply() -> None:
    """Add the keys to the request's context."""
    actions = service("core.iam_actions")
    wrap(actions, "extract_resource_arn", _arn)
    wrap(actions, "request_tag_context", _context)


def _arn(original: Any, name: str, method: str, path: str, *others: Any) -> Any:  # noqa: ANN401
    # The next that is asked for is the context, which is not told the path.
    _path.set(path)
    return original(name, method, path, *others)


def _context(original: Any, name: str, action: str, body: bytes, parameters: Any) -> dict[str, Any]:  # noqa: ANN401
    context: dict[str, Any] = original(name, action, body, parameters)
    if name != "apigateway":
        return context
    path = _path.get()
    if action == "apigateway:POST" and path.rstrip("/") == "/v2/apis":
        context["apigateway:Request/ApiName"] = str(fields_of(body).get("name", ""))
    elif action in {"apigateway:PATCH", "apigateway:DELETE"} and (found := API.fullmatch(path)):
        existing = part(service("services.apigateway"), "_apis").get(found["id"]) or {}
        context["apigateway:Resource/ApiName"] = str(existing.get("name", ""))
    return context
