"""Where a tenant's data is copied to: a folder or a bucket, by SHA-256, each read back after it was written."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Final, Protocol

from fleet.output import beside
from fleet.retirement.context import Context, StepError, answered

CHUNK: Final = 1 << 20
MANIFEST: Final = "manifest.json"
SCHEME: Final = "s3://"


@dataclass(frozen=True, slots=True, kw_only=True)
class Blob:
    """Bytes that were written.

    Attributes:
        sha256: of them, in hexadecimal.
        size: in bytes.
    """

    sha256: str
    size: int


class ExportDestination(Protocol):
    """Where data is copied to."""

    def keep(self, chunks: Iterable[bytes]) -> Blob:
        """Write the bytes under their SHA-256, read them back, and return what they are.

        Raises:
            StepError: they cannot be written, or are not the same afterwards.
        """

    def finish(self, manifest: bytes) -> None:
        """Write the manifest, which says that all is there.

        Raises:
            StepError: it cannot be written, or there is another one.
        """


def destination(where: str, context: Context, region: str) -> ExportDestination:
    """Return what is at `where`: a folder, or `s3://bucket/prefix`."""
    if not where.startswith(SCHEME):
        return FolderDestination(path=Path(where))
    bucket, _, prefix = where.removeprefix(SCHEME).partition("/")
    prefix = f"{prefix.rstrip('/')}/" if prefix.strip("/") else ""
    return BucketDestination(client=context.client("s3", region), name=bucket, prefix=prefix)


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderDestination:
    """A folder that its owner alone may read."""

    path: Path

    def keep(self, chunks: Iterable[bytes]) -> Blob:
        """Write the bytes to `blobs/{sha256}`."""
        blobs = self.path / "blobs"
        try:
            blobs.mkdir(mode=0o700, parents=True, exist_ok=True)
            with (
                _spooled(chunks, folder=blobs) as (file, blob),
                _private(blobs / blob.sha256) as written,
            ):
                shutil.copyfileobj(file, written, CHUNK)
                written.flush()
                os.fsync(written.fileno())
            with (blobs / blob.sha256).open("rb") as read:
                _same(blob, iter(lambda: read.read(CHUNK), b""))
        except OSError as error:
            raise StepError(f"{blobs}: {error.strerror}, expected a folder that can be written") from None
        return blob

    def finish(self, manifest: bytes) -> None:
        """Write the manifest beside the blobs."""
        file = self.path / MANIFEST
        try:
            if file.exists():
                if file.read_bytes() != manifest:
                    raise StepError(_another(str(file)))
                return
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            with beside(file, manifest) as new:
                new.replace(file)
        except OSError as error:
            raise StepError(f"{file}: {error.strerror}, expected a file that can be written") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketDestination:
    """A bucket, below a prefix."""

    client: Any
    name: str
    prefix: str

    def keep(self, chunks: Iterable[bytes]) -> Blob:
        """Write the bytes to `blobs/{sha256}`."""
        with answered(f"writing to {SCHEME}{self.name}"), _spooled(chunks) as (file, blob):
            key = f"{self.prefix}blobs/{blob.sha256}"
            self.client.upload_fileobj(file, self.name, key, ExtraArgs={"ChecksumAlgorithm": "SHA256"})
            body = self.client.get_object(Bucket=self.name, Key=key)["Body"]
            _same(blob, body.iter_chunks(CHUNK))
        return blob

    def finish(self, manifest: bytes) -> None:
        """Write the manifest beside the blobs."""
        from botocore.exceptions import ClientError  # noqa: PLC0415

        key = f"{self.prefix}{MANIFEST}"
        with answered(f"writing to {SCHEME}{self.name}"):
            try:
                self.client.put_object(Bucket=self.name, Key=key, Body=manifest, IfNoneMatch="*")
            except ClientError as error:
                if error.response["Error"]["Code"] != "PreconditionFailed":
                    raise
            if self.client.get_object(Bucket=self.name, Key=key)["Body"].read() != manifest:
                raise StepError(_another(f"{SCHEME}{self.name}/{key}"))


def _another(where: str) -> str:
    return (
        f"{where}: received the manifest of other data, expected none, or this one; nothing is overwritten: name "
        "another place, or look what has changed since"
    )


@contextmanager
def _spooled(chunks: Iterable[bytes], *, folder: Path | None = None) -> Iterator[tuple[IO[bytes], Blob]]:
    """Keep the bytes in a file without a name until their digest is known."""
    digest, size = hashlib.sha256(), 0
    with tempfile.TemporaryFile(dir=folder) as file:
        for chunk in chunks:
            digest.update(chunk)
            size += len(chunk)
            file.write(chunk)
        file.seek(0)
        yield file, Blob(sha256=digest.hexdigest(), size=size)


def _same(blob: Blob, chunks: Iterable[bytes]) -> None:
    digest = hashlib.sha256()
    for chunk in chunks:
        digest.update(chunk)
    if digest.hexdigest() != blob.sha256:
        raise StepError(f"received SHA-256 {digest.hexdigest()}, expected {blob.sha256}, which was written")


def _private(file: Path) -> IO[bytes]:
    """Open a file, which is made anew, and which its owner alone may read."""
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
