"""Logic: a tenant's records, with optimistic locking by version.

A record is the item `record#{type}#{id}`. The function's role may not delete items: a deleted record is marked, keeps
counting its versions, and expires later by DynamoDB's time to live. So a version that a client has seen is not used
again.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from runtime.timestamps import timestamp
from tenant_api.problems import Problem, bad_request, too_large
from tenant_api.table import ConditionFailedError, Item, Table

RECORD_LIMIT = 256 * 1024
"""Bytes of a record's JSON, well below the 400 KB that DynamoDB allows per item."""

MAX_DEPTH = 32
"""Levels of nesting in a record's JSON, the same as DynamoDB's limit for documents."""

DEFAULT_LIMIT, MAX_LIMIT = 25, 100
"""Records per page."""

_PAGE_BUDGET = 1024 * 1024
_MAX_QUERIES = 10
_TOMBSTONE_SECONDS = 30 * 24 * 3600
_REQUEST_SECONDS = 30 * 24 * 3600
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record as a client sees it."""

    type: str
    id: str
    version: int
    data: object
    created_at: str
    updated_at: str

    def view(self) -> dict[str, object]:
        """Return the record as JSON-ready values."""
        return {name: getattr(self, name) for name in self.__slots__}

    @property
    def etag(self) -> str:
        """The version as an entity tag."""
        return f'"{self.version}"'


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The tenant's records.

    Attributes:
        table: The table that holds them.
        clock: Returns the current time in UTC.
    """

    table: Table
    clock: Callable[[], datetime]

    def note_request(self, request_id: str) -> str:
        """Record that a request came in, and return the time that was recorded.

        The key holds both the time and the request id, so that no request overwrites another.
        """
        now = self.clock()
        at = timestamp(now)
        self.table.put_new(
            f"api_request#{at}#{request_id}",
            {
                "request_id": {"S": request_id},
                "created_at": {"S": at},
                "expires_at": {"N": str(int(now.timestamp()) + _REQUEST_SECONDS)},
            },
        )
        return at

    def get(self, type_: str, id_: str) -> Record:
        """Return one record, or raise a 404 problem."""
        item = self.table.get(_sort_key(type_, id_))
        if item is None or "deleted" in item:
            raise _not_found()
        return _record(item)

    def put(self, type_: str, id_: str, data: str, precondition: Precondition) -> Record:
        """Create or replace one record; its version becomes 1, or one more than the last.

        Args:
            type_: A checked type.
            id_: A checked id.
            data: Compact JSON text.
            precondition: Without one, only a new record is written: clients must not overwrite what they have not seen.

        Raises:
            Problem: 412 if the precondition does not hold; 428 if the record exists and there is no precondition.
        """
        values: Item = {}
        if precondition.exists:
            condition, values = _live(precondition)
        else:
            condition, values = (
                "attribute_not_exists(tenant_id) OR #deleted = :true",
                {":true": {"BOOL": True}},
            )
        at = timestamp(self.clock())
        created = "if_not_exists(created_at, :now)" if precondition.exists else ":now"
        try:
            item = self.table.update(
                _sort_key(type_, id_),
                update=f"SET #data = :data, updated_at = :now, created_at = {created}, "
                "#version = if_not_exists(#version, :zero) + :one REMOVE #deleted, expires_at",
                condition=condition,
                values={
                    **values,
                    ":data": {"S": data},
                    ":now": {"S": at},
                    ":zero": {"N": "0"},
                    ":one": {"N": "1"},
                },
            )
        except ConditionFailedError as error:
            if precondition.exists is None:
                raise _precondition_required() from error
            raise _stale(error.current) from error
        return _record(item)

    def delete(self, type_: str, id_: str, precondition: Precondition) -> None:
        """Mark one record as deleted.

        Raises:
            Problem: 404 if there is no such record, 412 if it has another version, 428 if there is no precondition.
        """
        if not precondition.exists:
            self.get(type_, id_)
            raise _precondition_required()
        condition, values = _live(precondition)
        now = self.clock()
        try:
            self.table.update(
                _sort_key(type_, id_),
                update="SET #deleted = :true, updated_at = :now, expires_at = :later, "
                "#version = #version + :one REMOVE #data",
                condition=condition,
                values={
                    **values,
                    ":true": {"BOOL": True},
                    ":now": {"S": timestamp(now)},
                    ":later": {"N": str(int(now.timestamp()) + _TOMBSTONE_SECONDS)},
                    ":one": {"N": "1"},
                },
            )
        except ConditionFailedError as error:
            if error.current is None or "deleted" in error.current:
                raise _not_found() from error
            raise _stale(error.current) from error

    def page(self, type_: str | None, *, limit: int, cursor: str | None) -> tuple[list[Record], str | None]:
        """Return a page of records, sorted by type and id, and the cursor of the next page.

        Args:
            type_: A checked type, or None for all types.
            limit: Maximum number of records; a page may hold fewer even if another page follows.
            cursor: What the previous page returned, or None for the first page.

        Raises:
            Problem: 400; the cursor does not belong to this list.
        """
        prefix = f"record#{type_}#" if type_ else "record#"
        after = _decode_cursor(cursor, prefix) if cursor is not None else None
        found: list[Item] = []
        size = 0
        # Deleted records are read and left out. The number of queries is bounded, however many of them there are.
        for _ in range(_MAX_QUERIES):
            items, after = self.table.query(prefix, limit=limit, after=after)
            found += items
            if len(found) > limit:
                found = found[:limit]
                after = found[-1]["resource_type"]["S"]
            size += sum(len(item["data"]["S"]) for item in items)
            if after is None or len(found) == limit or size >= _PAGE_BUDGET:
                break
        return [_record(item) for item in found], _encode_cursor(after) if after else None


def _sort_key(type_: str, id_: str) -> str:
    return f"record#{type_}#{id_}"


def _live(precondition: Precondition) -> tuple[str, Item]:
    condition = "attribute_exists(tenant_id) AND attribute_not_exists(#deleted)"
    if precondition.version is None:
        return condition, {}
    return f"{condition} AND #version = :version", {":version": {"N": str(precondition.version)}}


def _record(item: Item) -> Record:
    _, type_, id_ = item["resource_type"]["S"].split("#", 2)
    return Record(
        type=type_,
        id=id_,
        version=int(item["version"]["N"]),
        data=json.loads(item["data"]["S"]),
        created_at=item["created_at"]["S"],
        updated_at=item["updated_at"]["S"],
    )


def _encode_cursor(sort_key: str) -> str:
    return base64.urlsafe_b64encode(sort_key.encode()).decode().rstrip("=")


def _decode_cursor(cursor: str, prefix: str) -> str:
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


def _not_found() -> Problem:
    return Problem(HTTPStatus.NOT_FOUND, "record-not-found", "There is no such record.")


def _precondition_required() -> Problem:
    return Problem(
        HTTPStatus.PRECONDITION_REQUIRED,
        "precondition-required",
        'The record exists: send If-Match: "<version>" with the version that you have seen.',
    )


def _stale(current: Item | None) -> Problem:
    live = current is not None and "deleted" not in current
    version = int(current["version"]["N"]) if current is not None and live else None
    return Problem(
        HTTPStatus.PRECONDITION_FAILED,
        "stale-version",
        "The record is not in the state that the request names.",
        extra={"current_version": version},
    )
