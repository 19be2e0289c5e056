"""Responses begin after a short wait, as over a network, and requests that are sent again are counted.

Without the wait Terraform's AWS provider sends some requests twice, and the emulator carries them out twice: a second
subnet that no state knows, or "already exists". The AWS SDK hands Go's HTTP transport a request body that is not a
plain buffer, so the transport looks for trailing bytes after it has written the body. On the same machine the response
can arrive in that moment. The SDK then closes the body, the transport takes the closed body for a failed write and
drops the connection together with the response, and the SDK sends the request again: a connection error is one that
it retries (https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html).

Seen in captures of the loopback traffic: the client always closes first, right after the response's headers. Measured
with 30 requests at once, about 2,300 in an apply of 580 resources: without a wait 19 to 34 were sent again, with 2 ms
2, with 5 ms or more none, also beside busy cores, and the apply took no longer. AWS is never that fast.
"""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

WAIT_SECONDS = 0.01
"""Twice the shortest wait that no request was sent again with."""
SENT_AGAIN = "sent again"
"""What the log says of a request that is not its client's first attempt."""

# The SDKs number their attempts: `amz-sdk-request: attempt=2; max=25`.
ATTEMPT = re.compile(rb"attempt=(\d+)")
logger = logging.getLogger("emulator")

Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Application = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]


def delayed(application: Application, seconds: float) -> Application:
    """Wrap an ASGI application: each HTTP response begins `seconds` after it is ready.

    Args:
        application: The ASGI application.
        seconds: How long to wait; 0 does not wait at all.
    """

    async def serve(scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await application(scope, receive, send)
            return
        _log_if_sent_again(scope)

        async def send_later(message: Mapping[str, Any]) -> None:
            if seconds and message["type"] == "http.response.start":
                await asyncio.sleep(seconds)
            await send(message)

        await application(scope, receive, send_later)

    return serve


def _log_if_sent_again(scope: Mapping[str, Any]) -> None:
    headers = dict(scope["headers"])
    found = ATTEMPT.search(headers.get(b"amz-sdk-request", b""))
    if found and int(found[1]) > 1:
        action = headers.get(b"x-amz-target", b"").decode(errors="replace")
        logger.warning(
            "%s: attempt %s of %s %s %s", SENT_AGAIN, int(found[1]), scope["method"], scope["path"], action
        )
