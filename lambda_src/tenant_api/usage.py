"""Logic: how many records a tenant has, and that it has no more than it may.

The item `usage#records` counts the records that are not deleted. Whoever creates or deletes one changes the counter in
the same transaction, so the count is right whatever happens at the same moment. Where there is no counter yet, the
first write counts what is there: until then nobody can create or delete, so what was counted still holds.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus

from tenant_api.problems import Problem, busy
from tenant_api.table import ConditionFailedError, Table, Write, WritesCancelledError

COUNTER = "usage#records"
_PREFIX = "record#"
_ATTEMPTS = 6
_FIRST_PAUSE_SECONDS = 0.02


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """The tenant's number of records, and its limit.

    Attributes:
        table: The table that holds the records and their counter.
        most: Records that the tenant may have.
        pause: Waits a number of seconds before a write that met another one is tried again.
    """

    table: Table
    most: int
    pause: Callable[[float], None] = field(default=time.sleep)

    def create(self, record: Write) -> None:
        """Write `record`, a new one, unless the tenant has as many as it may.

        Raises:
            ConditionFailedError: The record is not in the expected state.
            Problem: 409 if there are too many records; 503 if other writes were in the way again and again.
        """
        self._write(record, 1)

    def delete(self, record: Write) -> None:
        """Write `record`, which marks a live one as deleted.

        Raises:
            ConditionFailedError: The record is not in the expected state.
            Problem: 503; other writes were in the way again and again.
        """
        self._write(record, -1)

    def _write(self, record: Write, change: int) -> None:
        for attempt in range(_ATTEMPTS):
            try:
                self.table.write_together(record, self._counted(change))
            except WritesCancelledError as error:
                of_record, of_counter = error.reasons
                if of_record.failed:
                    raise ConditionFailedError(of_record.current) from error
                if of_counter.failed and of_counter.current is not None:
                    raise _full(self.most) from error
                if of_counter.failed:
                    self._begin()
                else:
                    # Another transaction changes the counter at this moment.
                    self.pause(_FIRST_PAUSE_SECONDS * 2**attempt)
            else:
                return
        raise busy()

    def _counted(self, change: int) -> Write:
        room = " AND #live < :most" if change > 0 else ""
        return Write(
            resource_type=COUNTER,
            update="ADD #live :change",
            condition=f"attribute_exists(tenant_id){room}",
            values={":change": {"N": str(change)}, **({":most": {"N": str(self.most)}} if room else {})},
        )

    def _begin(self) -> None:
        """Count the records that are there, unless somebody else was faster."""
        try:
            self.table.put_new(COUNTER, {"live": {"N": str(self.table.count(_PREFIX))}})
        except ConditionFailedError:
            return


def _full(most: int) -> Problem:
    """Return a 409 problem: the tenant has as many records as it may.

    The request conflicts with what the tenant has, and can be sent again when records are deleted (RFC 9110, 15.5.10).
    429 would have clients try again soon, for nothing; 507 would be a failure of the service, which wakes somebody.
    """
    return Problem(
        HTTPStatus.CONFLICT,
        "quota-reached",
        f"The tenant has {most} records, which is its limit. Delete some first.",
        extra={"limit_records": most},
    )
