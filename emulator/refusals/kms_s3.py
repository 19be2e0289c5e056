"""S3 asks KMS whether the caller may use the key of an object.

MiniStack stores the key's ARN and asks nobody.

AWS: S3 user guide, "Using server-side encryption with AWS KMS keys (SSE-KMS)"
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html): an upload needs `GenerateDataKey`, a
multipart upload `Decrypt` as well, a download `Decrypt`; the encryption context `aws:s3:arn` is the object's ARN, with
an S3 Bucket Key the bucket's. A copy reads one object and writes the other.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from emulator.refusals._kms import Use, caller, denial
from emulator.refusals._requests import Request, Response, before
from emulator.shims._patching import part, service

KEY_ID = "x-amz-server-side-encryption-aws-kms-key-id"
BUCKET_KEY = "x-amz-server-side-encryption-bucket-key-enabled"
NO_CONTENT = frozenset({"acl", "tagging", "retention", "legal-hold", "attributes", "torrent"})
"""Parts of an object that are not its encrypted content."""


def apply() -> None:
    """Ask before an object is written or read."""
    before(service("services.s3"), refuse)


def refuse(request: Request) -> Response | None:
    """The refusal of a request, or None."""
    bucket, _, name = request.path.lstrip("/").partition("/")
    if not name or not NO_CONTENT.isdisjoint(request.query):
        return None
    problem = None
    if request.method == "GET" and "uploadId" not in request.query:
        problem = _read(request, bucket, name)
    elif request.method == "PUT" and (source := request.headers.get("x-amz-copy-source")):
        from_bucket, _, from_name = unquote(source).partition("?")[0].lstrip("/").partition("/")
        problem = _read(request, from_bucket, from_name) or _written(request, bucket, name, "GenerateDataKey")
    elif request.method == "PUT":
        part_of_upload = "uploadId" in request.query
        problem = _written(request, bucket, name, "Decrypt" if part_of_upload else "GenerateDataKey")
    elif request.method == "POST" and "uploads" in request.query:
        problem = _written(request, bucket, name, "GenerateDataKey", "Decrypt")
    if not problem:
        return None
    made: Response = part(service("services.s3"), "_error")("AccessDenied", problem, 403)
    return made


def _written(request: Request, bucket: str, name: str, *actions: str) -> str | None:
    # Signed URLs carry headers as parameters.
    given = {header.lower(): _text(value) for header, value in request.query.items()} | dict(request.headers)
    default = part(service("services.s3"), "_bucket_default_sse_headers")(bucket)
    key = given.get(KEY_ID) if given.get("x-amz-server-side-encryption") == "aws:kms" else default.get(KEY_ID)
    if given.get("x-amz-server-side-encryption") == "AES256":
        key = None
    by_bucket = given.get(BUCKET_KEY, str(_has_bucket_key(bucket))).lower() == "true"
    uses = (Use(action=action, context=_context(bucket, name, by_bucket=by_bucket)) for action in actions)
    return denial(caller(request), key, "s3", *uses)


def _read(request: Request, bucket: str, name: str) -> str | None:
    s3 = service("services.s3")
    version = _text(request.query.get("versionId", ""))
    record: dict[str, Any] = (part(s3, "_buckets").get(bucket) or {}).get("objects", {}).get(name) or {}
    for entry in part(s3, "_object_versions").get((bucket, name), []) if version else []:
        if entry["version_id"] == version:
            record = entry
    stored = record.get("preserved_headers") or {}
    by_bucket = str(stored.get(BUCKET_KEY, _has_bucket_key(bucket))).lower() == "true"
    use = Use(action="Decrypt", context=_context(bucket, name, by_bucket=by_bucket))
    return denial(caller(request), stored.get(KEY_ID), "s3", use)


def _has_bucket_key(bucket: str) -> bool:
    settings = part(service("services.s3"), "_bucket_encryption").get(bucket) or b""
    text = settings.decode() if isinstance(settings, bytes) else str(settings)
    return "<BucketKeyEnabled>true</BucketKeyEnabled>" in text


def _context(bucket: str, name: str, *, by_bucket: bool) -> dict[str, str]:
    return {"aws:s3:arn": f"arn:aws:s3:::{bucket}" if by_bucket else f"arn:aws:s3:::{bucket}/{name}"}


def _text(value: Any) -> str:  # noqa: ANN401
    return str(value[0] if isinstance(value, list) and value else value)
