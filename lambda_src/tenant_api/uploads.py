"""Logic: objects that come in, through the function itself or through a URL of S3's."""

from __future__ import annotations

from dataclasses import dataclass

from tenant_api import objects
from tenant_api.bucket import URL_LIFETIME_SECONDS, Bucket
from tenant_api.object_usage import ObjectUsage
from tenant_api.problems import too_large

SLOWEST_UPLOAD = 1_000_000
"""Bytes a second. S3 looks at a URL's expiry when a request begins: an upload may end later
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-presigned-url.html). One that is slower is counted when the
bucket is counted next."""

_FUNCTION_SECONDS = 60
"""How long the function may run, and so write an object."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """What lets objects into the tenant's bucket.

    Attributes:
        bucket: The tenant's bucket.
        largest: Bytes that an object may have.
        usage: How many objects and bytes there may be; None has no limit and counts nothing.
    """

    bucket: Bucket
    largest: int
    usage: ObjectUsage | None

    def url(self, key: str, size: int, content_type: str) -> dict[str, object]:
        """Return a URL through which an object of `size` bytes can be uploaded, and how.

        Raises:
            Problem: 413 if the object is too large; 409 if the tenant has as much as it may.
        """
        self._check(size)
        if self.usage:
            self.usage.admit(key, size, URL_LIFETIME_SECONDS + size // SLOWEST_UPLOAD + 1)
        url, headers = self.bucket.upload_url(key, size=size, content_type=content_type)
        return {"url": url, "method": "PUT", "headers": headers, "expires_in": URL_LIFETIME_SECONDS}

    def store(self, key: str, body: bytes, content_type: str) -> None:
        """Store an object.

        Raises:
            Problem: 413 if the object is too large; 409 if the tenant has as much as it may.
        """
        self._check(len(body))
        if len(body) > objects.INLINE_LIMIT:
            problem = too_large(objects.INLINE_LIMIT, "The body")
            problem.detail += (
                " Ask for an upload URL: PUT the same path with ?upload_size=<bytes> and no body."
            )
            raise problem
        if self.usage is None:
            self.bucket.put(key, body, content_type)
            return
        upload = self.usage.admit(key, len(body), _FUNCTION_SECONDS)
        self.bucket.put(key, body, content_type)
        self.usage.close(upload)

    def _check(self, size: int) -> None:
        if size > self.largest:
            raise too_large(self.largest, "The object")
