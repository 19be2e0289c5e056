"""What the site is built from: the repository's Markdown, at the paths that it has, so that its links hold.

A link to a file that is no page, such as a module, becomes the text with the file's path: the site holds no code.
"""

from __future__ import annotations

import posixpath
import re
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Final

DOCUMENTS: Final = (
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "emulator/README.md",
    "docs/**/*.md",
)
"""Patterns of the pages, relative to the repository."""
PICTURES: Final = ("docs/images/*",)
ASSETS: Final = "assets"
_FENCE: Final = re.compile(r"^ *```")
_LINK: Final = re.compile(r"(?<!!)\[([^\]]+)\]\((?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?\)")


def pages(root: Path) -> list[str]:
    """Return the pages' paths, relative to `root`, in order."""
    return sorted({path.relative_to(root).as_posix() for pattern in DOCUMENTS for path in root.glob(pattern)})


def stage(root: Path, target: Path, *, assets: Sequence[Path] = ()) -> None:
    """Write the sources of the site of `root` to `target`; what was there before goes.

    Args:
        root: of the repository.
        target: folder that MkDocs reads.
        assets: files that pages load, for the folder `ASSETS`.
    """
    shutil.rmtree(target, ignore_errors=True)
    known = frozenset(pages(root))
    for page in sorted(known):
        text = "".join(_unlinked((root / page).read_text(encoding="utf-8"), page, known))
        _new(target / page).write_text(text, encoding="utf-8")
    for pattern in PICTURES:
        for picture in root.glob(pattern):
            shutil.copyfile(picture, _new(target / picture.relative_to(root)))
    for asset in assets:
        shutil.copyfile(asset, _new(target / ASSETS / asset.name))


def _unlinked(text: str, page: str, known: frozenset[str]) -> Iterator[str]:
    """Yield the lines of `page`, without its links to what is no page."""

    def replaced(link: re.Match[str]) -> str:
        path = posixpath.normpath(PurePosixPath(page).parent / link[2])
        return link[0] if path in known else f"{link[1]} (`{path}`)"

    fenced = False
    for line in text.splitlines(keepends=True):
        fenced ^= bool(_FENCE.match(line))
        yield line if fenced else _LINK.sub(replaced, line)


def _new(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
