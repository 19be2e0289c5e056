"""Logic: how many objects and bytes a tenant has, and that it has no more than it may.

Objects come and go without this function: clients upload them to S3 through URLs, and S3 expires them. So the bucket
is what says how much there is, and the item `usage#objects` only spares reading its list each time. The item is never
below what the bucket holds:

1. Before an object may come, an item `upload#{expiry}#{id}` says which object, of how many bytes, and until when.
2. Then the counter grows by one object and its bytes, if that is within the limits. Nothing makes it smaller but 3.
3. Where it is not, or the count is a day old, the bucket and the uploads that may still come are counted: of each key,
   the largest. The counter changes by the difference, so what was added meanwhile stays in it.

S3 lists what was written before (https://docs.aws.amazon.com/AmazonS3/latest/userguide/Welcome.html#ConsistencyModel).
Old versions of objects are not counted; the bucket's lifecycle removes them.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from tenant_api.bucket import Bucket
from tenant_api.problems import Problem, busy
from tenant_api.table import ConditionFailedError, Item, Table

COUNTER = "usage#objects"
COUNTED_FOR_SECONDS = 24 * 3600
_UPLOAD = "upload#"
_ATTEMPTS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectUsage:
    """The tenant's number of objects and their bytes, and the limits.

    Attributes:
        table: The table that holds the counter and the uploads.
        bucket: The bucket that holds the objects.
        most_objects: Objects that the tenant may have; `None` is any number.
        most_bytes: Bytes that they may have together; `None` is any number.
        clock: Returns the current time in UTC.
    """

    table: Table
    bucket: Bucket
    most_objects: int | None
    most_bytes: int | None
    clock: Callable[[], datetime]

    def admit(self, key: str, size: int, seconds: int) -> str:
        """Count an object that may come within `seconds`, and return the name of its upload.

        Args:
            key: The object's key.
            size: The object's bytes.
            seconds: How long it may take until the object is there.

        Raises:
            Problem: 409 if there would be too many objects or bytes; 503 if others counted at the same moment again and
                again.
        """
        expiry = self._now() + seconds
        upload = f"{_UPLOAD}{expiry:012d}#{uuid.uuid4()}"
        said: Item = {"object": {"S": key}, "size": {"N": str(size)}, "expires_at": {"N": str(expiry)}}
        self.table.put_new(upload, said)
        try:
            for _ in range(_ATTEMPTS):
                if self._add(size):
                    return upload
            raise busy()
        except Problem:
            self.close(upload)
            raise

    def close(self, upload: str) -> None:
        """Say that nothing comes of `upload` any more: its object is in the bucket, or was refused."""
        self.table.update(
            upload,
            update="SET #deleted = :true",
            condition="attribute_exists(tenant_id)",
            values={":true": {"BOOL": True}},
        )

    def _now(self) -> int:
        return int(self.clock().timestamp())

    def _add(self, size: int) -> bool:
        """Add an object to the counter, or count anew; False if somebody else counted meanwhile.

        Raises:
            Problem: 409; the tenant has as much as it may.
        """
        most = {
            "live": None if self.most_objects is None else self.most_objects - 1,
            "size": None if self.most_bytes is None else self.most_bytes - size,
        }
        before = {name: value for name, value in most.items() if value is not None}
        try:
            self.table.update(
                COUNTER,
                update="ADD #live :one, #size :size",
                condition=" AND ".join(["#until > :now", *(f"#{name} <= :most_{name}" for name in before)]),
                values={
                    ":one": {"N": "1"},
                    ":size": {"N": str(size)},
                    ":now": {"N": str(self._now())},
                    **{f":most_{name}": {"N": str(value)} for name, value in before.items()},
                },
            )
        except ConditionFailedError as error:
            return self._count(error.current)
        return True

    def _count(self, counter: Item | None) -> bool:
        """Count what the bucket holds and what may come, this upload among it; False if somebody else was faster.

        Args:
            counter: The counter as it was before.
        """
        objects, size = self._found()
        until = str(self._now() + COUNTED_FOR_SECONDS)
        try:
            if counter is None:
                new: Item = {
                    "live": {"N": str(objects)},
                    "size": {"N": str(size)},
                    "version": {"N": "1"},
                    "until": {"N": until},
                }
                self.table.put_new(COUNTER, new)
            else:
                more = objects - int(counter["live"]["N"]), size - int(counter["size"]["N"])
                self.table.update(
                    COUNTER,
                    update="SET #until = :until ADD #live :objects, #size :bytes, #version :one",
                    condition="#version = :version",
                    values={
                        ":until": {"N": until},
                        ":objects": {"N": str(more[0])},
                        ":bytes": {"N": str(more[1])},
                        ":one": {"N": "1"},
                        ":version": counter["version"],
                    },
                )
        except ConditionFailedError:
            return False
        return True

    def _found(self) -> tuple[int, int]:
        """Return how many objects and bytes there are, counting no further than to one too many.

        Raises:
            Problem: 409; there are more than the tenant may have.
        """
        sizes: dict[str, int] = {}
        for upload in self.table.between(f"{_UPLOAD}{self._now():012d}", f"{_UPLOAD}~"):
            key, size = upload["object"]["S"], int(upload["size"]["N"])
            sizes[key] = max(size, sizes.get(key, 0))
        total = sum(sizes.values())
        self._check(len(sizes), total)
        for key, size in self.bucket.sizes():
            total += max(size - sizes.get(key, 0), 0)
            sizes[key] = max(size, sizes.get(key, 0))
            self._check(len(sizes), total)
        return len(sizes), total

    def _check(self, objects: int, size: int) -> None:
        if self.most_objects is not None and objects > self.most_objects:
            raise _full(f"{self.most_objects} objects", "limit_objects", self.most_objects)
        if self.most_bytes is not None and size > self.most_bytes:
            raise _full(f"objects of {self.most_bytes} bytes together", "limit_bytes", self.most_bytes)


def _full(what: str, member: str, most: int) -> Problem:
    """Return a 409 problem, for the reasons that `tenant_api.usage` gives for records."""
    return Problem(
        HTTPStatus.CONFLICT,
        "quota-reached",
        f"The tenant may have {what}, and this one would be too many. Delete some first.",
        extra={member: most},
    )
