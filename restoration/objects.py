"""Objects of a bucket as they were at a time: each is put back from the version that was current then.

Nothing is lost by it: what was current becomes a version, and what is removed gets a delete marker.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/RestoringPreviousVersions.html
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final, Literal

LARGEST_COPY: Final = 5 * 2**30
"""Bytes that one CopyObject takes (https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """One version of an object, or one of its delete markers.

    Attributes:
        key: of the object.
        id: of the version.
        written: when it became current; S3 says it to the second.
        size: in bytes; `None` for a delete marker.
        latest: whether it is current.
    """

    key: str
    id: str
    written: datetime
    size: int | None
    latest: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectStep:
    """What is to be done with one object.

    Attributes:
        action: `put back` a version, `remove` what was not there, or `too large` to be put back by one copy.
        key: of the object.
        version: to put back; `None` where it is removed.
    """

    action: Literal["put back", "remove", "too large"]
    key: str
    version: str | None = None

    def __str__(self) -> str:
        """Return it as a person reads it."""
        return f"{self.action} {self.key}" + (f" as of version {self.version}" if self.version else "")


def versions(client: Any, bucket: str, prefix: str) -> Iterator[Version]:  # noqa: ANN401 - boto3's
    """Return the versions and delete markers of the objects below `prefix`, ordered by key."""
    for page in client.get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        found = [
            Version(
                key=entry["Key"],
                id=entry["VersionId"],
                written=entry["LastModified"],
                size=entry.get("Size"),
                latest=entry["IsLatest"],
            )
            for entry in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
        ]
        yield from sorted(found, key=lambda version: version.key)


def steps(found: Iterator[Version], at: datetime, *, remove_newer: bool) -> Iterator[ObjectStep]:
    """Yield what to do so that the objects are as they were `at` a time.

    Args:
        found: all versions, those of one key together and the newest of them first, as S3 lists them.
        at: the time; a version that was written in that second counts.
        remove_newer: whether objects that did not exist then are removed; else they stay.
    """
    for key, group in groupby(found, key=lambda version: version.key):
        of_key = list(group)
        current = next((version for version in of_key if version.latest), None)
        earlier = [version for version in of_key if version.written <= at]
        # Of two in the same second, the one that is current, or that S3 lists first, came later.
        then = max(earlier, key=lambda version: (version.written, version.latest), default=None)
        if then is None or then.size is None:
            if remove_newer and current and current.size is not None:
                yield ObjectStep(action="remove", key=key)
        elif not then.latest:
            fits = then.size <= LARGEST_COPY
            yield ObjectStep(action="put back" if fits else "too large", key=key, version=then.id)


def carry_out(client: Any, bucket: str, step: ObjectStep) -> None:  # noqa: ANN401 - boto3's
    """Do `step`; what is too large is left alone.

    Raises:
        botocore.exceptions.ClientError: S3 refuses it.
    """
    if step.action == "put back":
        source = {"Bucket": bucket, "Key": step.key, "VersionId": step.version}
        # With the bucket's own encryption, whatever the version had.
        client.copy_object(Bucket=bucket, Key=step.key, CopySource=source)
    elif step.action == "remove":
        client.delete_object(Bucket=bucket, Key=step.key)
