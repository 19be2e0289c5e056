"""`s3:if-none-match` and `s3:if-match` carry the headers of an upload.

MiniStack sets neither, so that a policy which refuses whoever leaves the header out refuses everybody.

AWS: S3 user guide, "Enforce conditional writes on Amazon S3 buckets"
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html).
"""

from typing import Any

from emulator.shims._patching import service, wrap

HEADERS = ("if-match", "if-none-match")
ACTIONS = frozenset({"s3:PutObject"})


def apply() -> None:
    """Add the keys to the request's context."""
    wrap(service("core.iam_actions"), "s3_service_context", _context)


def _context(
    original: Any,  # noqa: ANN401
    action: str,
    query: Any,  # noqa: ANN401
    path: str = "",
    headers: dict[str, str] | None = None,
) -> dict[str, Any]:
    context: dict[str, Any] = original(action, query, path, headers)
    if action not in ACTIONS or not headers:
        return context
    return context | {f"s3:{name}": headers[name] for name in HEADERS if headers.get(name)}
