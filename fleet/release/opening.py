"""Opens a release wherever it is: in a folder, or in a bucket."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from fleet.release.store import Release, open_release

NAMED: Final = "its digest, the beginning of it, its folder, or s3://BUCKET/DIGEST"
SCHEME: Final = "s3://"
NO_STACK: Final = ""
"""Is no stack's id: of a release in a bucket nothing but the manifest is fetched."""


def opened(named: str, *, store: Path, stack: str | None = None) -> Release:
    """Return the release that is named by its digest, its folder or its place in a bucket.

    Args:
        named: such as `3f5a09c2`, `build/releases/3f5a...`, or `s3://bucket/3f5a...`.
        store: where a digest is looked for, and where a release from a bucket is kept.
        stack: from a bucket, only this stack's parts are fetched, with `NO_STACK` nobody's; `None` fetches all.

    Raises:
        ConfigurationError: there is none, or it has other bytes than its digest says.
    """
    if not named.startswith(SCHEME):
        return open_release(named, store=store)
    # Imported here: nothing else needs the AWS SDK, which takes longer to import than the rest to run.
    from fleet.release.bucket import fetch  # noqa: PLC0415

    bucket, _, digest = named.removeprefix(SCHEME).partition("/")
    return fetch(bucket, digest, store=store, stack=stack)
