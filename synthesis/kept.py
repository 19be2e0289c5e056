"""Stacks of earlier syntheses, kept by the digest of what they were made from.

A stack is one file: the digest of the rest, a line of JSON (its part of the manifest, and which function's package is
where), and its `cdk.tf.json`. Functions' packages are not kept: they are packed on every run, and linked to.

Files are written beside their place and moved there, so that several syntheses may use one folder at once. A file that
does not hold what it says counts as missing and is written again. The folder may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from synthesis.processes import MANIFEST, STACKS

STACK: Final = "cdk.tf.json"
READ_ONLY: Final = 0o444
"""The mode of a package, as of those that many stacks have as one file."""
ASSETS: Final = "assets"
MOST_BYTES: Final = 1 << 30
"""What the folder may hold, some 20,000 silos; the stacks that were not used for longest are deleted first."""

Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A stack as it was synthesized.

    Attributes:
        manifest: cdktf's, of this stack alone.
        packages: SHA-256 of the functions' packages, by their paths in the stack's folder.
        objects: SHA-256 of the packages that its functions take from a bucket.
        text: `cdk.tf.json`.
    """

    manifest: Manifest
    packages: Mapping[str, str]
    objects: Sequence[str]
    text: bytes


class KeptStacks:
    """The stacks that are kept in one folder."""

    def __init__(self, folder: Path, packages: Mapping[str, Path], keys: Mapping[str, str]) -> None:
        """Take the folder, which need not exist, and of each function's package, by its SHA-256, file and object key.

        A key is the path below the output folder as well, from where the package is published.
        """
        self._folder, self._packages, self._keys = folder, packages, keys

    def restore(self, digests: Mapping[str, str], outdir: Path) -> dict[str, Manifest]:
        """Write those stacks that are kept to `outdir`, as a synthesis would, and return their manifests by their ids.

        Args:
            digests: of what the stacks are made from, by their ids.
            outdir: has a folder `stacks`.
        """
        restored = {}
        for id_, digest in digests.items():
            entry = self._read(id_, digest)
            if entry and self._write(entry, outdir, id_):
                restored[id_] = entry.manifest
        return restored

    def keep(self, digests: Mapping[str, str], outdir: Path, used: Collection[str]) -> None:
        """Keep stacks that were synthesized into `outdir`; a folder that cannot be written to keeps nothing.

        Args:
            digests: of what the stacks were made from, by their ids.
            outdir: with cdktf's manifest.
            used: digests of other stacks that are needed next time.
        """
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            manifest = json.loads((outdir / MANIFEST).read_text())
            for id_, digest in digests.items():
                entry = self._entry(id_, manifest, outdir / STACKS / id_)
                if entry:
                    replace(self._folder / digest, _packed(entry))
            self._prune({*digests.values(), *used})
        except OSError:
            return

    def _read(self, id_: str, digest: str) -> _Entry | None:
        """Return what is kept under `digest`; `None` where it is nothing, or not whole."""
        try:
            said, _, content = (self._folder / digest).read_bytes().partition(b"\n")
            if said.decode() != hashlib.sha256(content).hexdigest():
                return None
            head, _, text = content.partition(b"\n")
            document = json.loads(head)
            os.utime(self._folder / digest)
        except (OSError, ValueError):
            return None
        needed = [*document["packages"].values(), *document["objects"]]
        known = all(sha256 in self._packages for sha256 in needed)
        return _Entry(text=text, **document) if known and id_ in document["manifest"][STACKS] else None

    def _write(self, entry: _Entry, outdir: Path, id_: str) -> bool:
        """Write the stack `id_` and its packages to `outdir`; return whether they are there."""
        folder = outdir / STACKS / id_
        files = {folder / name: sha256 for name, sha256 in entry.packages.items()}
        files |= {outdir / self._keys[sha256]: sha256 for sha256 in entry.objects}
        try:
            folder.mkdir(exist_ok=True)
            for path in set(_assets(folder)) - files.keys():
                shutil.rmtree(path.parent)
            for path, sha256 in files.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                link(self._packages[sha256], path)
            file = folder / STACK
            if not file.is_file() or file.read_bytes() != entry.text:
                replace(file, entry.text)
        except OSError:
            return False
        return True

    def _entry(self, id_: str, manifest: Manifest, folder: Path) -> _Entry | None:
        """Return the stack `id_` as it was synthesized; `None` where it is more than its own digest says."""
        stack = manifest[STACKS][id_]
        alone = not stack["dependencies"] and not stack["annotations"]
        if not alone or stack["synthesizedStackPath"] != f"{STACKS}/{id_}/{STACK}":
            return None
        # An asset is in a folder of the name of its digest.
        assets = _assets(folder)
        if any(path.parent.name not in self._packages for path in assets):
            return None
        text = (folder / STACK).read_bytes()
        return _Entry(
            manifest={**manifest, STACKS: {id_: stack}},
            packages={path.relative_to(folder).as_posix(): path.parent.name for path in sorted(assets)},
            objects=[sha256 for sha256, key in sorted(self._keys.items()) if f'"{key}"'.encode() in text],
            text=text,
        )

    def _prune(self, used: Collection[str]) -> None:
        """Delete what was not used for longest, until the rest is small enough; of `used`, nothing."""
        found = sorted(_sizes(self._folder), reverse=True)
        total = 0
        for _, size, path in found:
            total += size
            if total > MOST_BYTES and path.name not in used:
                path.unlink(missing_ok=True)


def _assets(folder: Path) -> list[Path]:
    """Return the packages in the stack's folder `folder`."""
    return [path for path in (folder / ASSETS).rglob("*") if not path.is_dir()]


def _sizes(folder: Path) -> Iterator[tuple[int, int, Path]]:
    """Return the time of last use, the size and the path of each file in `folder`."""
    for path in folder.iterdir():
        try:
            status = path.stat()
        except FileNotFoundError:
            continue  # another synthesis deleted it
        yield status.st_mtime_ns, status.st_size, path


def _packed(entry: _Entry) -> bytes:
    document = {"manifest": entry.manifest, "packages": entry.packages, "objects": entry.objects}
    head = json.dumps(document, separators=(",", ":"))
    content = b"\n".join((head.encode(), entry.text))
    return b"\n".join((hashlib.sha256(content).hexdigest().encode(), content))


def replace(file: Path, content: bytes) -> None:
    """Write `content` beside `file`, then move it there.

    Raises:
        OSError: it cannot be written.
    """
    with _beside(file) as new:
        new.write_bytes(content)
        new.replace(file)


def link(source: Path, file: Path) -> None:
    """Make `file` another name of `source`, or a copy where the file system has no links.

    Raises:
        OSError: it cannot be made.
    """
    if file.exists() and file.samefile(source):
        return
    with _beside(file) as new:
        try:
            os.link(source, new)
        except OSError:
            shutil.copyfile(source, new)
            new.chmod(READ_ONLY)
        new.replace(file)


@contextmanager
def _beside(file: Path) -> Iterator[Path]:
    """Yield a name beside `file` that nothing has yet, and that nothing has afterwards."""
    new = file.with_name(f".{file.name}.{os.getpid()}-{threading.get_ident()}")
    try:
        yield new
    finally:
        new.unlink(missing_ok=True)
