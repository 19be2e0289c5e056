"""Logic: a tenant's records, with optimistic locking by version.

A record is the item `record#{type}#{id}`. The function's role may not delete items: a deleted record is marked, keeps
counting its versions, and expires later by DynamoDB's time to live. So a version that a client has seen is not used
again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from runtime.timestamps import timestamp
from tenant_api.problems import Problem
from tenant_api.record_input import Precondition, decode_cursor, encode_cursor
from tenant_api.table import ConditionFailedError, Item, Table, Write
from tenant_api.usage import Usage

_PAGE_BUDGET = 1024 * 1024
_MAX_QUERIES = 10
_TOMBSTONE_SECONDS = 30 * 24 * 3600
_REQUEST_SECONDS = 30 * 24 * 3600


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """The tenant's records.

    Attributes:
        table: The table that holds them.
        usage: How many there may be; None has no limit and counts nothing.
        clock: Returns the current time in UTC.
    """

    table: Table
    usage: Usage | None
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
            Problem: 412 if the precondition does not hold; 428 if the record exists and there is no precondition; 409
                if it is a new one, and the tenant has as many as it may.
        """
        if self.usage and not precondition.exists:
            return self._create_counted(self.usage, type_, id_, data, precondition)
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

    def _create_counted(
        self, usage: Usage, type_: str, id_: str, data: str, precondition: Precondition
    ) -> Record:
        """Create one record and count it.

        A transaction returns nothing, so the version is decided before: one more than that of what was deleted.
        """
        key, at = _sort_key(type_, id_), timestamp(self.clock())
        current = self.table.get(key)
        if current is not None and "deleted" not in current:
            raise _precondition_required() if precondition.exists is None else _stale(current)
        last = int(current["version"]["N"]) if current else 0
        unchanged = "#deleted = :true AND #version = :last" if current else "attribute_not_exists(tenant_id)"
        told: Item = {":true": {"BOOL": True}, ":last": {"N": str(last)}} if current else {}
        written: Item = {
            "data": {"S": data},
            "version": {"N": str(last + 1)},
            "created_at": {"S": at},
            "updated_at": {"S": at},
        }
        new = Write(
            resource_type=key,
            update="SET #data = :data, #version = :version, created_at = :created_at, updated_at = :updated_at "
            "REMOVE #deleted, expires_at",
            condition=unchanged,
            values={**told, **{f":{name}": value for name, value in written.items()}},
        )
        try:
            usage.create(new)
        except ConditionFailedError as error:
            if precondition.exists is None:
                raise _precondition_required() from error
            raise _stale(error.current) from error
        return _record({"resource_type": {"S": key}, **written})

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
        write = Write(
            resource_type=_sort_key(type_, id_),
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
        try:
            if self.usage:
                self.usage.delete(write)
            else:
                self.table.update(
                    write.resource_type,
                    update=write.update,
                    condition=write.condition,
                    values=write.values,
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
        after = decode_cursor(cursor, prefix) if cursor is not None else None
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
        return [_record(item) for item in found], encode_cursor(after) if after else None


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
