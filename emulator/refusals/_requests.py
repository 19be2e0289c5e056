"""How a refusal looks at a request before the emulator carries it out."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Any
from urllib.parse import parse_qs

from emulator.shims._patching import part, service, wrap

Response = tuple[int, dict[str, str], bytes]


@dataclass(frozen=True, kw_only=True)
class Request:
    """A request to one service.

    Attributes:
        method: of HTTP.
        path: with a bucket in front, even where the host named it.
        headers: with lower-case names.
        body: as it was sent.
        query: the values by name.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    query: Mapping[str, Any]

    @property
    def action(self) -> str:
        """The operation (`CreateTable`) of the JSON and query protocols; empty for REST."""
        return self.headers.get("x-amz-target", "").rpartition(".")[2] or self.parameter("Action")

    @cached_property
    def json(self) -> dict[str, Any]:
        """The body as an object; empty if it is none."""
        try:
            found = json.loads(self.body or b"{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}

    @cached_property
    def _form(self) -> dict[str, list[str]]:
        is_form = "form" in self.headers.get("content-type", "")
        return parse_qs(self.body.decode(errors="replace")) if is_form else {}

    def parameter(self, name: str) -> str:
        """A parameter of the query protocol; empty if it is not there."""
        found = self._form.get(name) or self.query.get(name) or ""
        return str(found[0] if isinstance(found, list) else found)


def before(module: ModuleType, refuse: Callable[[Request], Response | None]) -> None:
    """Let `refuse` answer the requests of a module's service; those that it returns None for go on."""

    async def handle(original: Any, *given: Any, **named: Any) -> Response:  # noqa: ANN401
        refused = refuse(_request(given))
        made: Response = refused or await original(*given, **named)
        return made

    wrap(module, "handle_request", handle)


def after(module: ModuleType, change: Callable[[Request, Response], Response]) -> None:
    """Let `change` rewrite the answers of a module's service."""

    async def handle(original: Any, *given: Any, **named: Any) -> Response:  # noqa: ANN401
        return change(_request(given), await original(*given, **named))

    wrap(module, "handle_request", handle)


def _request(given: Sequence[Any]) -> Request:
    method, path, headers, body, query = given[:5]
    return Request(method=method, path=path, headers=headers, body=body, query=query)


def json_error(code: str, message: str, status: int = 400) -> Response:
    """An error of a service with a JSON protocol."""
    made: Response = part(service("core.responses"), "error_response_json")(code, message, status)
    return made
