"""Logic: which keys, media types and sizes an object may have."""

from __future__ import annotations

import re
import unicodedata

from tenant_api.problems import bad_request

INLINE_LIMIT = 1024 * 1024
"""Bytes of an object that may pass through the function itself. In base64 (4/3) and JSON, this is well below the 6 MB
of a Lambda request or response, https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html."""

UPLOAD_LIMIT = 5 * 1024**3
"""Bytes that one PUT to S3 may have, https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html."""

_KEY_LIMIT = 1024
"""Bytes that a key may have in UTF-8, https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html."""

# The "characters to avoid" of the same page. `%` is one of them, so an escape sequence that a gateway did not decode
# cannot turn into another key later.
_AVOIDED = frozenset('\\{}^%`[]"<>~#|')
_MEDIA_TYPE = re.compile(
    r"[A-Za-z0-9!#$&^_.+-]{1,63}/[A-Za-z0-9!#$&^_.+-]{1,63}(?:; ?charset=[A-Za-z0-9_-]{1,20})?"
)
_DEFAULT_MEDIA_TYPE = "application/octet-stream"


def check_key(key: str) -> str:
    """Return `key` if an object may have it.

    Raises:
        Problem: 400; the key is empty or too long, has an empty or a dot segment, or contains a character to avoid.
    """
    if not key:
        raise bad_request("invalid-key", "The object's key is empty.")
    # A lone surrogate cannot be encoded in UTF-8; the check of categories below refuses it.
    if len(key.encode("utf-8", "replace")) > _KEY_LIMIT:
        raise bad_request("invalid-key", f"The object's key is longer than {_KEY_LIMIT} bytes.")
    if any(segment in {"", ".", ".."} for segment in key.split("/")):
        raise bad_request("invalid-key", "The object's key has an empty, '.' or '..' segment.")
    # Cc: control, Cf: format, Cs: surrogate, Co: private use, Cn: unassigned.
    if any(character in _AVOIDED or unicodedata.category(character)[0] == "C" for character in key):
        raise bad_request("invalid-key", "The object's key has a character that is not allowed.")
    return key


def check_media_type(value: str | None) -> str:
    """Return the media type to store, `application/octet-stream` if there is none.

    Raises:
        Problem: 400; the value is not a media type.
    """
    if not value:
        return _DEFAULT_MEDIA_TYPE
    if not _MEDIA_TYPE.fullmatch(value):
        raise bad_request("invalid-content-type", "The Content-Type header is not a media type.")
    return value


def check_upload_size(value: str) -> int:
    """Return the size in bytes that a client announces for an upload.

    Raises:
        Problem: 400; the value is not a whole number from 1 to `UPLOAD_LIMIT`.
    """
    if not re.fullmatch(r"[0-9]{1,10}", value) or not 1 <= int(value) <= UPLOAD_LIMIT:
        raise bad_request(
            "invalid-size", f"upload_size is not a whole number of bytes from 1 to {UPLOAD_LIMIT}."
        )
    return int(value)
