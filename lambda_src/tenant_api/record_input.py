"""What a client sends of a record, checked: types, ids, bodies, preconditions, and where a page begins."""

from __future__ import annotations

import base64
import binascii
import json
import re
from dataclasses import dataclass

from tenant_api.problems import Problem, bad_request, too_large

RECORD_LIMIT = 256 * 1024
"""Bytes of a record's JSON, well below the 400 KB that DynamoDB allows per item."""

MAX_DEPTH = 32
"""Levels of nesting in a record's JSON, the same as DynamoDB's limit for documents."""

DEFAULT_LIMIT, MAX_LIMIT = 25, 100
"""Records per page."""

_TYPE = re.compile(r"[a-z][a-z0-9_-]{0,63}")
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~@-]{0,127}")
_ETAG = re.compile(r'"([0-9]{1,18})"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Precondition:
    """What a client expects of the record that it writes.

    Attributes:
        version: The version that it has seen (`If-Match: "3"`), or None.
        exists: True for `If-Match`, False for `If-None-Match: *`, None if the client sends neither.
    """

    version: int | None = None
    exists: bool | None = None


def check_type(value: str) -> str:
    """Return a record's type, or raise a 400 problem."""
    if not _TYPE.fullmatch(value):
        raise bad_request("invalid-type", f"A record's type must match {_TYPE.pattern}.")
    return value


def check_id(value: str) -> str:
    """Return a record's id, or raise a 400 problem."""
    if not _ID.fullmatch(value):
        raise bad_request("invalid-id", f"A record's id must match {_ID.pattern}.")
    return value


def check_limit(value: str | None) -> int:
    """Return the page size that a client asks for, or raise a 400 problem."""
    if value is None:
        return DEFAULT_LIMIT
    if not re.fullmatch(r"[0-9]{1,3}", value) or not 1 <= int(value) <= MAX_LIMIT:
        raise bad_request("invalid-limit", f"limit must be a whole number from 1 to {MAX_LIMIT}.")
    return int(value)


def parse_precondition(if_match: str | None, if_none_match: str | None) -> Precondition:
    """Read the two conditional headers.

    Raises:
        Problem: 400; both are present, or one is neither an entity tag of this API nor `*`.
    """
    if if_match is None and if_none_match is None:
        return Precondition()
    if if_match is None and if_none_match == "*":
        return Precondition(exists=False)
    if if_none_match is None and if_match is not None:
        if if_match == "*":
            return Precondition(exists=True)
        tag = _ETAG.fullmatch(if_match)
        if tag:
            return Precondition(exists=True, version=int(tag[1]))
    raise bad_request("invalid-precondition", 'Send either If-Match: "<version>" (or *) or If-None-Match: *.')


def parse_data(body: bytes) -> str:
    """Check a record's body and return it as compact JSON text.

    Raises:
        Problem: 413 if the body is too large; 400 if it is not a JSON object in UTF-8, is nested too deeply, names a
            member twice, or contains a number that JSON does not allow.
    """
    if len(body) > RECORD_LIMIT:
        raise too_large(RECORD_LIMIT, "The body")
    malformed = bad_request("malformed-body", "The body must be one JSON object in UTF-8.")
    try:
        value = json.loads(body.decode("utf-8"), object_pairs_hook=_unique_members)
    except (ValueError, RecursionError) as error:
        raise malformed from error
    if not isinstance(value, dict):
        raise malformed
    if _depth(value) > MAX_DEPTH:
        raise bad_request("malformed-body", f"The body is nested more than {MAX_DEPTH} levels deep.")
    try:
        # A lone surrogate has no encoding in UTF-8, and NaN and Infinity are not JSON.
        text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        size = len(text.encode("utf-8"))
    except ValueError as error:
        raise malformed from error
    if size > RECORD_LIMIT:
        # Only numbers can grow, such as 1e15 to 1000000000000000.0.
        raise too_large(RECORD_LIMIT, "The record")
    return text


def _unique_members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a member is named twice")
    return members


def _depth(value: object) -> int:
    # Level by level instead of recursively, because the value comes from outside.
    depth, level = 0, [value]
    while level:
        depth += 1
        inner: list[object] = []
        for node in level:
            if isinstance(node, dict):
                inner += node.values()
            elif isinstance(node, list):
                inner += node
        level = inner
    return depth


def encode_cursor(sort_key: str) -> str:
    """Return the cursor of the page that begins after the item `sort_key`."""
    return base64.urlsafe_b64encode(sort_key.encode()).decode().rstrip("=")


def decode_cursor(cursor: str, prefix: str) -> str:
    """Return the sort key that `cursor` stands for, which must be of the list below `prefix`.

    Raises:
        Problem: 400; it is not.
    """
    try:
        sort_key = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
    except (binascii.Error, ValueError) as error:
        raise _bad_cursor() from error
    # Whoever wrote the cursor, it can only point into the list that it is used for.
    type_, _, id_ = sort_key.removeprefix("record#").partition("#")
    if not (sort_key.startswith(prefix) and _TYPE.fullmatch(type_) and _ID.fullmatch(id_)):
        raise _bad_cursor()
    return sort_key


def _bad_cursor() -> Problem:
    return bad_request("invalid-cursor", "The cursor is not one that this list returned.")
