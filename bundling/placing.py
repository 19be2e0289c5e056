"""Puts functions' packages into the folders of stacks, with their bytes on disk once for all stacks."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from bundling.function_package import READ_ONLY, FunctionPackage, PackageError


class Placer:
    """Places packages as hard links, and as copies where a file system has no links.

    All links of one package are one file: it can be read only, so that a tool that edits the package of one stack in
    place is refused instead of changing every stack.
    """

    def __init__(self) -> None:
        self._copies: dict[str, Path] = {}
        """By the package's digest, the copy on another file system than the package, which has links of its own."""

    def place(self, package: FunctionPackage, target: Path) -> None:
        """Have the bytes of `package` at `target`; folders that are missing are made, an old file is replaced.

        Where `target` is in a folder called like the digest, those of other digests beside that are removed.

        Raises:
            PackageError: `target` cannot be written.
        """
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            if target.parent.name == package.sha256:
                for other in set(target.parent.parent.iterdir()) - {target.parent}:
                    shutil.rmtree(other)
            # What is there may be linked from elsewhere: its name goes, never its bytes.
            target.unlink(missing_ok=True)
            sources = (package.path, self._copies.get(package.sha256))
            if not any(_linked(source, target) for source in sources if source):
                shutil.copyfile(package.path, target)
                target.chmod(READ_ONLY)
                self._copies[package.sha256] = target
        except OSError as error:
            raise PackageError(
                f"{target}: received {error.strerror}, expected a file that can be written"
            ) from None


def _linked(source: Path, target: Path) -> bool:
    """Link `source` at `target`; return whether that is possible.

    It is not across devices, without links in the file system, beyond a file's most links (65,000 on ext4), and with
    `fs.protected_hardlinks` for somebody else's file (https://docs.kernel.org/admin-guide/sysctl/fs.html).
    """
    try:
        os.link(source, target)
    except OSError:
        return False
    return True
