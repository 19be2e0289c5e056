"""The errors that a caller may see, as problem documents (RFC 9457)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

PROBLEM_JSON = "application/problem+json"
_TYPE_PREFIX = "urn:tenant-platform:problem:"


class Problem(Exception):  # noqa: N818  # the RFC's term
    """A response that is not a success; any code below the routes may raise it.

    Attributes:
        status: The HTTP status.
        slug: Names the kind of problem for programs, as the last part of the document's `type`.
        detail: An explanation for people. It never quotes an internal error.
        headers: Headers of this response, such as `Retry-After`.
        extra: Extension members of the document.
    """

    def __init__(
        self,
        status: HTTPStatus,
        slug: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.slug = slug
        self.detail = detail
        self.headers = dict(headers or {})
        self.extra = dict(extra or {})

    def document(self, request_id: str) -> str:
        """Return the problem document as JSON text, with `request_id` for callers to quote."""
        return json.dumps(
            {
                "type": _TYPE_PREFIX + self.slug,
                "title": self.status.phrase,
                "status": self.status.value,
                "detail": self.detail,
                "request_id": request_id,
                **self.extra,
            }
        )


def bad_request(slug: str, detail: str) -> Problem:
    """Return a 400 problem."""
    return Problem(HTTPStatus.BAD_REQUEST, slug, detail)


def too_large(limit: int, what: str) -> Problem:
    """Return a 413 problem for `what`, whose limit is `limit` bytes."""
    return Problem(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "too-large",
        f"{what} is larger than {limit} bytes.",
        extra={"limit_bytes": limit},
    )


def busy() -> Problem:
    """Return a 503 problem: DynamoDB or S3 throttles or does not respond."""
    return Problem(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "busy",
        "The tenant's storage does not take more requests at the moment; try again.",
        headers={"Retry-After": "1"},
    )


def internal() -> Problem:
    """Return a 500 problem; only the function's log says what happened."""
    return Problem(HTTPStatus.INTERNAL_SERVER_ERROR, "internal", "The request could not be completed.")
