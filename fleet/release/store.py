"""Releases in a folder: `blobs/{sha256}` once for all releases, and `{digest}/manifest.json` for each.

Nothing in it is ever overwritten. Whatever is read is compared with its digest.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.problems import ConfigurationError, Problem
from fleet.output import beside
from fleet.release.manifest import Manifest, UnreadableManifestError, decoded, digest

FOLDER: Final = Path("build/releases")
MANIFEST: Final = "manifest.json"
BLOBS: Final = "blobs"
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_PREFIX: Final = re.compile(r"[0-9a-f]{8,64}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A release that was read, and is what its digest says.

    Attributes:
        digest: of its manifest, in hexadecimal.
        manifest: what is in it.
        store: the folder of the releases.
    """

    digest: str
    manifest: Manifest
    store: Path

    @property
    def name(self) -> str:
        """The beginning of the digest, for people."""
        return self.digest[:12]

    def blob(self, sha256: str) -> bytes:
        """Return the content of a blob.

        Raises:
            ConfigurationError: it is missing, or has other bytes than its name says.
        """
        file = self.store / BLOBS / sha256
        try:
            content = file.read_bytes()
        except OSError as error:
            raise _refusal(file, error.strerror, "a part of the release that can be read") from None
        if digest(content) != sha256:
            raise _refusal(file, f"SHA-256 {digest(content)}", "the bytes that were proved")
        return content

    def verify(self) -> None:
        """Read every blob.

        Raises:
            ConfigurationError: the first, by digest, that is missing or has other bytes.
        """
        for sha256 in sorted(self.manifest.blobs):
            self.blob(sha256)

    def unpack(self, stack: str, folder: Path) -> None:
        """Write the files of `stack` into `folder`, which is made.

        Raises:
            ConfigurationError: a blob cannot be used, or a file cannot be written.
        """
        for path, sha256 in self.manifest.stacks[stack].files.items():
            content = self.blob(sha256)
            try:
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(content)
            except OSError as error:
                raise _refusal(folder / path, error.strerror, "a file that can be written") from None


def keep(store: Path, content: bytes) -> str:
    """Keep `content` as a blob, and return its digest.

    Raises:
        ConfigurationError: it cannot be written, or a blob of that name has other bytes.
    """
    sha256 = digest(content)
    _write_once(store / BLOBS / sha256, content)
    return sha256


def publish(store: Path, manifest: Manifest) -> Release:
    """Write the manifest, whose blobs are kept already, and return the release; one that is there already stays.

    Raises:
        ConfigurationError: it cannot be written, or a manifest of that digest has other bytes.
    """
    content = manifest.encoded()
    name = digest(content)
    _write_once(store / name / MANIFEST, content)
    return Release(digest=name, manifest=manifest, store=store)


def open_release(named: str, *, store: Path = FOLDER) -> Release:
    """Return the release that is named by its folder, by its digest, or by the first 8 characters of it or more.

    Args:
        named: such as `build/releases/3f5a...`, or `3f5a09c2`.
        store: where a digest is looked for.

    Raises:
        ConfigurationError: there is none, or more than one, or its manifest has other bytes than its digest says.
    """
    folder = Path(named)
    if _PREFIX.fullmatch(named):
        found = sorted(path for path in store.glob(f"{named}*") if _DIGEST.fullmatch(path.name))
        if len(found) != 1:
            received = f"{len(found)} releases" if found else "no release"
            raise _refusal(f"{store}/{named}", received, "one; `python -m fleet release` makes it")
        (folder,) = found
    try:
        # A link, or `.`, is followed: the folder's own name is the digest.
        file = folder.resolve() / MANIFEST
        content = file.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _refusal(named, reason, "the digest or the folder of a release") from None
    if digest(content) != file.parent.name:
        raise _refusal(
            f"{folder}/{MANIFEST}", f"SHA-256 {digest(content)}", "the bytes that the folder is named after"
        )
    try:
        manifest = decoded(content)
    except UnreadableManifestError as error:
        raise _refusal(f"{folder}/{MANIFEST}", str(error), "a manifest of version 1") from None
    return Release(digest=file.parent.name, manifest=manifest, store=file.parent.parent)


def _write_once(file: Path, content: bytes) -> None:
    try:
        if file.exists():
            if file.read_bytes() != content:
                raise _refusal(file, "other bytes than its name says", "a release that nobody has changed")
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        with beside(file, content) as new:
            new.chmod(0o444)
            os.replace(new, file)  # noqa: PTH105 (over nothing, or over the same bytes)
    except OSError as error:
        raise _refusal(file, error.strerror, "a folder that can be written") from None


def _refusal(where: Path | str, received: str | None, expected: str) -> ConfigurationError:
    return ConfigurationError([Problem(where=str(where), received=received, expected=expected)])
