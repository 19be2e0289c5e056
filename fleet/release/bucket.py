"""Releases in an S3 bucket, with the same names as in a folder: whoever deploys from elsewhere takes them from there.

Nothing in it is overwritten: S3 compares each object's SHA-256 before it keeps it, and keeps none over another. The
manifest comes last, so that a release whose manifest is there is whole.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from config.problems import ConfigurationError, Problem
from fleet.packages import PackageObject
from fleet.publish import ensure, s3_client
from fleet.release.manifest import Manifest, UnreadableManifestError, decoded, digest
from fleet.release.store import BLOBS, MANIFEST, Release, keep, publish

PREFIX: Final = "releases"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


def send(release: Release, bucket: str) -> int:
    """Upload what `bucket` lacks of `release`, and return how many objects that were.

    Raises:
        ConfigurationError: a part of the release cannot be read, an object has other bytes, or S3 refuses.
    """
    region = min(stack.region for stack in release.manifest.stacks.values())
    client = s3_client(region)
    parts = {f"{BLOBS}/{sha256}": release.blob(sha256) for sha256 in sorted(release.manifest.blobs)}
    parts[f"{release.digest}/{MANIFEST}"] = release.manifest.encoded()
    return sum(
        ensure(
            client,
            PackageObject(
                bucket=bucket,
                key=f"{PREFIX}/{key}",
                region=region,
                checksum=base64.b64encode(bytes.fromhex(digest(content))).decode(),
            ),
            content,
        )
        for key, content in parts.items()
    )


def fetch(bucket: str, name: str, *, store: Path, stack: str | None = None) -> Release:
    """Return the release `name`, its digest, of `bucket`, kept in `store`; what is there already is not fetched again.

    Args:
        bucket: its name.
        name: of the release.
        store: a folder.
        stack: whose parts alone are fetched, none where the release has no such stack; `None` fetches all.

    Raises:
        ConfigurationError: it is not there, or an object has other bytes than its name says.
    """
    where = f"s3://{bucket}/{name}"
    if not _DIGEST.fullmatch(name):
        raise _refusal(where, name, "s3://BUCKET/ and the 64 characters of a release's digest")
    client = s3_client(None)
    try:
        manifest = decoded(_object(client, bucket, f"{name}/{MANIFEST}", name))
    except UnreadableManifestError as error:
        raise _refusal(where, str(error), "a manifest of version 1") from None
    wanted = manifest.blobs if stack is None else _parts(manifest, stack)
    for sha256 in sorted(wanted):
        if not (store / BLOBS / sha256).exists():
            keep(store, _object(client, bucket, f"{BLOBS}/{sha256}", sha256))
    return publish(store, manifest)


def _parts(manifest: Manifest, stack: str) -> frozenset[str]:
    entry = manifest.stacks.get(stack)
    return frozenset(entry.files.values()) if entry else frozenset()


def _object(client: Any, bucket: str, key: str, sha256: str) -> bytes:  # noqa: ANN401 - boto3's clients have no types
    where = f"s3://{bucket}/{PREFIX}/{key}"
    try:
        content: bytes = client.get_object(Bucket=bucket, Key=f"{PREFIX}/{key}")["Body"].read()
    except ClientError as error:
        raise _refusal(where, error.response["Error"]["Code"], "an object that the caller may read") from None
    except BotoCoreError as error:
        raise _refusal(where, str(error), "an AWS account that answers") from None
    if digest(content) != sha256:
        raise _refusal(where, f"SHA-256 {digest(content)}", "the bytes that were proved")
    return content


def _refusal(where: str, received: str, expected: str) -> ConfigurationError:
    return ConfigurationError([Problem(where=where, received=received, expected=expected)])
