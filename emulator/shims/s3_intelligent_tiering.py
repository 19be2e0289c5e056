"""Buckets keep their S3 Intelligent-Tiering configurations.

MiniStack does not know the sub-resource: a write counts as another `CreateBucket`, a read lists the bucket.

AWS: API reference, S3, `PutBucketIntelligentTieringConfiguration`,
`GetBucketIntelligentTieringConfiguration`, `ListBucketIntelligentTieringConfigurations` and
`DeleteBucketIntelligentTieringConfiguration`.
"""

from http import HTTPStatus
from typing import Any

from emulator.shims._patching import part, service, wrap

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
KEY = "intelligent_tiering"


def apply() -> None:
    """Answer the four actions."""
    s3 = service("services.s3")
    buckets, error = part(s3, "_buckets"), part(s3, "_error")

    def dispatch(
        original: Any,  # noqa: ANN401
        *request: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        method, bucket, key, _, body, query = request
        if key or "intelligent-tiering" not in query or bucket not in buckets:
            return original(*request)
        configurations: dict[str, bytes] = buckets[bucket].setdefault(KEY, {})
        name = query.get("id", [""])[0]
        if method == "PUT":
            configurations[name] = _without_declaration(body)
            return HTTPStatus.OK, {}, b""
        if method == "GET" and not name:
            listed = b"<IsTruncated>false</IsTruncated>" + b"".join(configurations.values())
            tag = b"ListBucketIntelligentTieringConfigurationsOutput"
            opened = b"<%b xmlns='%b'>" % (tag, NAMESPACE.encode())
            return HTTPStatus.OK, {"Content-Type": "application/xml"}, opened + listed + b"</%b>" % tag
        if name not in configurations:
            return error(
                "NoSuchConfiguration", "The specified configuration does not exist.", HTTPStatus.NOT_FOUND
            )
        if method == "GET":
            return HTTPStatus.OK, {"Content-Type": "application/xml"}, configurations[name]
        del configurations[name]
        return HTTPStatus.NO_CONTENT, {}, b""

    wrap(s3, "_dispatch", dispatch)


def _without_declaration(body: bytes) -> bytes:
    return body.partition(b"?>")[2].strip() if body.lstrip().startswith(b"<?xml") else body
