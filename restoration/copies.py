"""Objects of a bucket that was restored beside the tenant's own, as AWS Backup restores it: they are copied back.

https://docs.aws.amazon.com/aws-backup/latest/devguide/restoring-s3.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from restoration.objects import LARGEST_COPY


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What an object holds, as far as a list tells.

    Attributes:
        size: in bytes.
        etag: the same for the same bytes; with a KMS key the same bytes may have others.
    """

    size: int
    etag: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyStep:
    """What is to be done with one object.

    Attributes:
        action: `put back`, `remove` what was not there, or `too large` to be put back by one copy.
        key: of the object.
    """

    action: Literal["put back", "remove", "too large"]
    key: str

    def __str__(self) -> str:
        """Return it as a person reads it."""
        return f"{self.action} {self.key}"


def contents(client: Any, bucket: str, prefix: str) -> dict[str, Content]:  # noqa: ANN401 - boto3's
    """Return the objects below `prefix`, by key."""
    return {
        entry["Key"]: Content(size=entry["Size"], etag=entry["ETag"])
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
        for entry in page.get("Contents", ())
    }


def steps(
    restored: Mapping[str, Content], own: Mapping[str, Content], *, remove_newer: bool
) -> Iterator[CopyStep]:
    """Yield what to do so that the tenant's objects are as the restored ones.

    Args:
        restored: the objects of the bucket that was restored.
        own: those of the tenant's bucket.
        remove_newer: whether objects that were not restored are removed; else they stay.
    """
    for key, content in sorted(restored.items()):
        if own.get(key) != content:
            yield CopyStep(action="put back" if content.size <= LARGEST_COPY else "too large", key=key)
    if remove_newer:
        yield from (CopyStep(action="remove", key=key) for key in sorted(own.keys() - restored.keys()))


def carry_out(client: Any, restored: str, bucket: str, step: CopyStep) -> None:  # noqa: ANN401 - boto3's
    """Do `step`; what is too large is left alone.

    Raises:
        botocore.exceptions.ClientError: S3 refuses it.
    """
    if step.action == "put back":
        # With the bucket's own encryption, whatever the restored object has.
        client.copy_object(Bucket=bucket, Key=step.key, CopySource={"Bucket": restored, "Key": step.key})
    elif step.action == "remove":
        client.delete_object(Bucket=bucket, Key=step.key)
