"""Uploads the packages that stacks take from a bucket: those that it lacks, each once, never over one that is there."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from config.problems import ConfigurationError, Problem
from fleet.packages import PackageObject, objects_of
from fleet.reading import each_stack
from fleet.tables import table

MISSING: Final = frozenset({"404", "NoSuchKey"})
TAKEN: Final = frozenset({"409", "412", "ConditionalRequestConflict", "PreconditionFailed"})
"""What S3 answers to an upload that must not overwrite, where another one was or is under way
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html)."""
ATTEMPTS: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """What became of one package.

    Attributes:
        package: the object.
        size: in bytes.
        uploaded: whether it was missing.
    """

    package: PackageObject
    size: int
    uploaded: bool


def publish(outdir: Path) -> list[Published]:
    """Upload each package of the stacks below `outdir` that its bucket lacks.

    All packages are looked at on disk before the first is uploaded.

    Raises:
        ConfigurationError: no function takes its code from a bucket, a package on disk or in the bucket has other bytes
            than the stacks say, or S3 refuses.
        UnreadableStacksError: nothing was synthesized there.
    """
    packages = sorted({package for found in each_stack(outdir, objects_of) for package in found})
    if not packages:
        raise _refusal(str(outdir), "no such function", "functions that take their code from PACKAGE_BUCKET")
    contents = [_content(outdir / package.key, package) for package in packages]
    clients = {region: s3_client(region) for region in {package.region for package in packages}}
    return [
        Published(
            package=package, size=len(content), uploaded=ensure(clients[package.region], package, content)
        )
        for package, content in zip(packages, contents, strict=True)
    ]


def s3_client(region: str | None) -> Any:  # noqa: ANN401 - boto3's clients have no types
    """Return a client for S3 in `region`; `None` is the environment's."""
    # Names with dots, and emulators on an IP address, have no host of their own.
    config = Config(
        connect_timeout=10,
        read_timeout=60,
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        s3={"addressing_style": "path"},
    )
    return boto3.session.Session(region_name=region).client("s3", config=config)


def _content(file: Path, package: PackageObject) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as error:
        expected = f"the package that the stacks name; synthesize again ({error.strerror})"
        raise _refusal(str(file), "no file that can be read", expected) from None
    _check(str(file), content, package)
    return content


def _check(where: str, content: bytes, package: PackageObject) -> None:
    found = hashlib.sha256(content)
    received = base64.b64encode(found.digest()).decode()
    if received != package.checksum:
        raise _refusal(where, f"SHA-256 {received}", f"SHA-256 {package.checksum}, as the stacks say")
    if found.hexdigest() not in package.key:
        raise _refusal(where, package.key, f"a key with the package's digest, {found.hexdigest()}")


def ensure(client: Any, package: PackageObject, content: bytes) -> bool:  # noqa: ANN401
    """Upload `content` unless it is there; return whether it was uploaded.

    Raises:
        ConfigurationError: what is there has other bytes, or S3 refuses.
    """
    where = f"s3://{package.bucket}/{package.key}"
    try:
        for _ in range(ATTEMPTS):
            if _is_there(client, package, where):
                return False
            if _upload(client, package, content):
                return True
    except ClientError as error:
        raise _refusal(where, _said(error), "a bucket of the region that the caller may write to") from None
    except BotoCoreError as error:
        raise _refusal(where, str(error), "an AWS account that answers") from None
    raise _refusal(where, "uploads by others at the same time", "one of them to end; run it again")


def _is_there(client: Any, package: PackageObject, where: str) -> bool:  # noqa: ANN401
    """Return whether the object is there, with the bytes that the stacks say."""
    try:
        found = client.head_object(Bucket=package.bucket, Key=package.key, ChecksumMode="ENABLED")
    except ClientError as error:
        if error.response["Error"]["Code"] in MISSING:
            return False
        raise
    received = found.get("ChecksumSHA256")
    if received is None:
        # Uploaded by something else, without a checksum that S3 has looked at.
        body = client.get_object(Bucket=package.bucket, Key=package.key)["Body"].read()
        received = base64.b64encode(hashlib.sha256(body).digest()).decode()
    if received != package.checksum:
        expected = f"SHA-256 {package.checksum}: what is there is not this package, and is not overwritten"
        raise _refusal(where, f"SHA-256 {received}", expected)
    return True


def _upload(client: Any, package: PackageObject, content: bytes) -> bool:  # noqa: ANN401
    """Upload the object; return whether nobody was faster. S3 compares the checksum before it keeps anything.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
    """
    try:
        client.put_object(
            Bucket=package.bucket,
            Key=package.key,
            Body=content,
            ChecksumSHA256=package.checksum,
            ContentType="application/zip" if package.key.endswith(".zip") else "application/octet-stream",
            IfNoneMatch="*",
        )
    except ClientError as error:
        if error.response["Error"]["Code"] in TAKEN:
            return False
        raise
    return True


def _said(error: ClientError) -> str:
    found = error.response.get("Error", {})
    return f"{error.operation_name}: {found.get('Code')} {found.get('Message', '')}".strip()


def _refusal(where: str, received: str, expected: str) -> ConfigurationError:
    return ConfigurationError([Problem(where=where, received=received, expected=expected)])


def text(published: Sequence[Published]) -> str:
    """Return what became of each package, for people."""
    lines = [
        [
            f"s3://{one.package.bucket}/{one.package.key}",
            f"{one.size:,} bytes",
            "uploaded" if one.uploaded else "there already",
        ]
        for one in published
    ]
    uploaded = sum(one.uploaded for one in published)
    return f"{table(lines, left=1)}\n{uploaded} uploaded, {len(published) - uploaded} there already"


def document(published: Sequence[Published]) -> list[dict[str, Any]]:
    """Return the same as the values of JSON."""
    return [
        {
            "bucket": one.package.bucket,
            "key": one.package.key,
            "region": one.package.region,
            "sha256": one.package.checksum,
            "bytes": one.size,
            "uploaded": one.uploaded,
        }
        for one in published
    ]
