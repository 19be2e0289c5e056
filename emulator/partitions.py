"""Requests to GovCloud's regions speak of ARNs of GovCloud's partition, `aws-us-gov`, and so do the responses.

MiniStack writes `arn:aws:` in every region. Here a request that is signed for a GovCloud region reaches it with its
ARNs in the partition `aws`, and what it answers is in `aws-us-gov` again. A request that names an ARN of `aws` itself
is refused, as IAM refuses it: no principal and no resource of another partition can be named
(https://docs.aws.amazon.com/govcloud-us/latest/UserGuide/using-govcloud-arns.html).

Only bodies and paths are translated: headers and query strings stay, and bodies of S3 objects are their owner's. The
signature is checked against the request as it arrived.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from typing import Any, Final

from emulator.responses import Application, Receive, Send
from emulator.shims._patching import service, wrap

GOVCLOUD: Final = re.compile(rb"Credential=[^/]+/[0-9]{8}/us-gov-[a-z]+-[0-9]/(?P<service>[a-z0-9-]+)/")
OWN = ((b"arn:aws-us-gov:", b"arn:aws:"), (b"arn%3Aaws-us-gov%3A", b"arn%3Aaws%3A"))
"""How an ARN begins in JSON and XML, and in a form; in GovCloud, and as MiniStack knows it."""
_ARRIVED: ContextVar[tuple[Iterable[tuple[bytes, bytes]], bytes] | None] = ContextVar(
    "_ARRIVED", default=None
)
"""Headers and body of a translated request, as they were signed."""
DIGESTS = frozenset({b"content-md5", b"content-length"})
"""Headers that say something of the body's bytes."""


def in_partitions(application: Application) -> Application:
    """Wrap an ASGI application: requests for GovCloud, and the responses to them, are in its partition."""

    async def serve(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        found = GOVCLOUD.search(dict(scope.get("headers", ())).get(b"authorization", b""))
        if scope["type"] != "http" or not found or _is_object(found["service"], scope):
            _ARRIVED.set(None)
            await application(scope, receive, send)
            return
        body = await _body(receive)
        if any(common in body for _, common in OWN):
            await _refuse(scope, send)
            return
        arrived = body
        for own, common in OWN:
            body = body.replace(own, common)
        path = scope["path"].replace("arn:aws-us-gov:", "arn:aws:")
        headers = [*_without_digests(scope["headers"]), (b"content-length", b"%d" % len(body))]
        response = _Response()
        _ARRIVED.set((scope["headers"], arrived))
        await application({**scope, "path": path, "headers": headers}, _once(body), response.take)
        await response.send_on(send)

    wrap(service("app"), "pin_signed_request", _signed_request)
    wrap(service("app"), "pin_signed_body", _signed_body)
    return serve


def _signed_request(
    original: Callable[..., None],
    method: str,
    path: str,
    query: Mapping[str, Any],
    headers: Iterable[tuple[bytes, bytes]],
) -> None:
    arrived = _ARRIVED.get()
    original(method, path, query, arrived[0] if arrived else headers)


def _signed_body(original: Callable[..., None], body: bytes) -> None:
    arrived = _ARRIVED.get()
    original(arrived[1] if arrived else body)


class _Response:
    """A response that is kept until it is whole."""

    def __init__(self) -> None:
        self._start: dict[str, Any] = {}
        self._body = b""

    async def take(self, message: Mapping[str, Any]) -> None:
        """Keep one message of the application's."""
        if message["type"] == "http.response.start":
            self._start = dict(message)
        else:
            self._body += message.get("body", b"")

    async def send_on(self, send: Send) -> None:
        """Send the response with its ARNs in GovCloud's partition."""
        for own, common in OWN:
            self._body = self._body.replace(common, own)
        headers = _without_digests(self._start["headers"])
        self._start["headers"] = [*headers, (b"content-length", b"%d" % len(self._body))]
        await send(self._start)
        await send({"type": "http.response.body", "body": self._body, "more_body": False})


def _is_object(service: bytes, scope: Mapping[str, Any]) -> bool:
    return service == b"s3" and not scope.get("query_string")


async def _body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body)


def _once(body: bytes) -> Receive:
    async def receive() -> Mapping[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _without_digests(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.lower() not in DIGESTS]


async def _refuse(scope: Mapping[str, Any], send: Send) -> None:
    """Answer as IAM does, in the form that the client reads."""
    code, text = "MalformedPolicyDocument", 'Partition "aws" is not valid in this region.'
    kind = dict(scope["headers"]).get(b"content-type", b"")
    if b"json" in kind:
        content, body = b"application/x-amz-json-1.1", json.dumps({"__type": code, "message": text}).encode()
    else:
        error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{text}</Message></Error>"
        content, body = b"text/xml", f"<ErrorResponse>{error}</ErrorResponse>".encode()
    headers = [(b"content-type", content), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})
