"""Where receipts are kept so that nobody changes them: a folder of files that nobody may write, or a locked bucket."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol

from config.problems import ConfigurationError, Problem
from fleet.output import beside

SCHEME: Final = "s3://"
DEFAULT: Final = Path("build/receipts")
TAKEN: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict"})
"""What S3 answers to a conditional write where an object is there, or another write was faster
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html)."""


class ReceiptStore(Protocol):
    """Where receipts are kept."""

    def check(self) -> None:
        """Look whether what is kept there cannot be changed.

        Raises:
            ConfigurationError: it can, or cannot be asked.
        """

    def files(self) -> list[tuple[str, bytes]]:
        """Return the name and the content of each file; a name twice where it was written over.

        Raises:
            ConfigurationError: they cannot be read.
        """

    def keep(self, name: str, content: bytes) -> bool:
        """Keep a file, and return whether there was none of that name.

        Raises:
            ConfigurationError: it cannot be written.
        """


def store_at(where: str) -> ReceiptStore:
    """Return the store at `where`: a folder, or `s3://bucket/prefix`."""
    if not where.startswith(SCHEME):
        return FolderStore(path=Path(where))
    # Imported here: nothing else needs the AWS SDK, which takes longer to import than the rest to run.
    from fleet.publish import s3_client  # noqa: PLC0415

    bucket, _, prefix = where.removeprefix(SCHEME).partition("/")
    prefix = f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
    return BucketStore(client=s3_client(None), bucket=bucket, prefix=prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderStore:
    """A folder; its files are made once and may be read only. Whoever owns the disk can still change them."""

    path: Path

    def check(self) -> None:
        """Nothing to ask: a file that is there is never replaced."""

    def files(self) -> list[tuple[str, bytes]]:
        """Return the name and the content of each file; those of a write that was killed are none."""
        try:
            found = sorted(self.path.iterdir()) if self.path.exists() else []
            return [(file.name, file.read_bytes()) for file in found if not file.name.startswith(".")]
        except OSError as error:
            raise _refusal(str(self.path), error.strerror, "a folder of receipts that can be read") from None

    def keep(self, name: str, content: bytes) -> bool:
        """Keep a file with mode 0444, and return whether there was none of that name."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            with beside(self.path / name, content) as new:
                new.chmod(0o444)
                # A link fails where there is a file; a rename would replace it.
                os.link(new, self.path / name)
        except FileExistsError:
            return False
        except OSError as error:
            raise _refusal(str(self.path / name), error.strerror, "a folder that can be written") from None
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketStore:
    """A bucket with Object Lock in compliance mode, which nobody ends before its time, the account's root included.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
    """

    client: Any
    bucket: str
    prefix: str

    def check(self) -> None:
        """Look whether the bucket locks each new object by itself, in compliance mode."""
        from botocore.exceptions import ClientError  # noqa: PLC0415

        expected = "a bucket with Object Lock and a default retention in the mode COMPLIANCE"
        with self._answered():
            try:
                answer = self.client.get_object_lock_configuration(Bucket=self.bucket)
            except ClientError as error:
                if error.response["Error"]["Code"] != "ObjectLockConfigurationNotFoundError":
                    raise
                raise _refusal(self._where, "no Object Lock", expected) from None
        rule = answer["ObjectLockConfiguration"].get("Rule", {}).get("DefaultRetention", {})
        if rule.get("Mode") != "COMPLIANCE":
            raise _refusal(self._where, rule.get("Mode", "no default retention"), expected)

    def files(self) -> list[tuple[str, bytes]]:
        """Return the name and the content of each version, and no content for a delete marker."""
        found: list[tuple[str, bytes]] = []
        with self._answered():
            pages = self.client.get_paginator("list_object_versions").paginate(
                Bucket=self.bucket, Prefix=self.prefix
            )
            for page in pages:
                found += [(self._name(marker), b"") for marker in page.get("DeleteMarkers", [])]
                for version in page.get("Versions", []):
                    body = self.client.get_object(
                        Bucket=self.bucket, Key=version["Key"], VersionId=version["VersionId"]
                    )
                    found.append((self._name(version), body["Body"].read()))
        return sorted(found)

    def _name(self, entry: Any) -> str:  # noqa: ANN401 - boto3's
        return str(entry["Key"]).removeprefix(self.prefix)

    def keep(self, name: str, content: bytes) -> bool:
        """Keep an object, unless there is one of that name; S3 compares its SHA-256 before it does."""
        from botocore.exceptions import ClientError  # noqa: PLC0415

        with self._answered():
            try:
                self.client.put_object(
                    Bucket=self.bucket,
                    Key=f"{self.prefix}{name}",
                    Body=content,
                    ContentType="application/json",
                    ChecksumSHA256=base64.b64encode(hashlib.sha256(content).digest()).decode(),
                    IfNoneMatch="*",
                )
            except ClientError as error:
                if error.response["Error"]["Code"] not in TAKEN:
                    raise
                return False
        return True

    @property
    def _where(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.prefix}"

    @contextlib.contextmanager
    def _answered(self) -> Iterator[None]:
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

        expected = "a bucket of receipts that the caller may read and write"
        try:
            yield
        except ClientError as error:
            raise _refusal(self._where, error.response["Error"]["Code"], expected) from None
        except BotoCoreError as error:
            raise _refusal(self._where, str(error), expected) from None


def _refusal(where: str, received: object, expected: str) -> ConfigurationError:
    return ConfigurationError([Problem(where=where, received=received, expected=expected)])
