"""The zip of one Lambda function: the same bytes for the same sources and dependencies, on every machine.

Its files are stored, not compressed: zlib and its successors compress the same input to different bytes, and a
developer's deployment must not redeploy every function that CI deployed.
"""

from __future__ import annotations

import base64
import hashlib
import os
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from config.problems import Refusal

ROOT: Final = Path(__file__).resolve().parent.parent
SOURCES: Final = ROOT / "lambda_src"
OWN_SOURCES: Final = ROOT / "extensions" / "functions"
"""Of the user's functions (docs/your-own-stack.md)."""
VENDORED: Final = ROOT / "build" / "lambda"
PACKAGES: Final = ROOT / "build" / "packages"
SHARED: Final = "runtime"
"""The package that the functions share, in every zip beside the function's own."""

EPOCH: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest time that a zip can hold: no file's own time gets in."""
FILE_MODE: Final = 0o100644
READ_ONLY: Final = 0o444
"""The mode of a package on disk, which many stacks may have as one file."""
UNPACKED_LIMIT: Final = 250 * 1024 * 1024
"""Bytes (https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html)."""

_LEFT_OUT_FOLDERS: Final = frozenset({"__pycache__", "bin", "tests"})
_LEFT_OUT_SUFFIXES: Final = frozenset({".css", ".html", ".js", ".pyc", ".pyi"})
"""Bytecode, type stubs, and the pages of an API explorer that Powertools brings and nothing here serves."""
_LEFT_OUT_FILES: Final = frozenset({"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"})
"""What pip writes about the installation; it differs from one machine to the next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionPackage:
    """A zip on disk.

    Attributes:
        path: the file.
        sha256: of the file, 64 hexadecimal digits.
        source_code_hash: the same in base64, as Terraform's `source_code_hash` wants it.
        unpacked_bytes: the sum of its files' sizes.
    """

    path: Path
    sha256: str
    source_code_hash: str
    unpacked_bytes: int

    @property
    def object_key(self) -> str:
        """The package's key in a bucket of packages, and its path below an output folder: other bytes have another."""
        return f"packages/{self.sha256}.zip"


class PackageError(Refusal):
    """A function cannot be packed."""


@cache
def package(function: str) -> FunctionPackage:
    """Pack `lambda_src/{function}`, what functions share, and vendored dependencies into one zip.

    A function of the user's own is in `extensions/functions/{function}`, and needs no dependencies.

    The zip is `build/packages/{sha256}/{function}.zip`, read only: other bytes are another file, so that links to it
    keep what they had.

    Raises:
        PackageError: the function has no source, its dependencies are not vendored, or it is too large.
    """
    source, vendored = SOURCES / function, VENDORED / function
    own = not source.is_dir() and (OWN_SOURCES / function).is_dir()
    if own:
        source = OWN_SOURCES / function
    if not source.is_dir():
        raise PackageError(f"lambda_src/{function}: received no such folder, expected the function's source")
    if not vendored.is_dir() and not own:
        raise PackageError(
            f"build/lambda/{function}: received no such folder, expected its dependencies; run `make setup`"
        )
    sources = [*_files(source), *_files(SOURCES / SHARED)]
    roots = (source.parent, SOURCES)
    members = {
        path.relative_to(next(root for root in roots if path.is_relative_to(root))).as_posix(): path
        for path in sources
    }
    members |= {path.relative_to(vendored).as_posix(): path for path in _files(vendored)}
    contents = {name: members[name].read_bytes() for name in sorted(members)}
    size = sum(map(len, contents.values()))
    if size > UNPACKED_LIMIT:
        raise PackageError(f"{function}: received {size} unpacked bytes, expected {UNPACKED_LIMIT} or fewer")
    return _written(f"{function}.zip", contents)


def _files(folder: Path) -> list[Path]:
    return [
        path
        for path in folder.rglob("*")
        if path.is_file()
        and not _LEFT_OUT_FOLDERS & set(path.relative_to(folder).parts)
        and path.name not in _LEFT_OUT_FILES
        and path.suffix not in _LEFT_OUT_SUFFIXES
    ]


def _written(name: str, contents: dict[str, bytes]) -> FunctionPackage:
    PACKAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=PACKAGES, prefix=".") as folder:
        file = Path(folder) / name
        _pack(file, contents)
        digest = hashlib.sha256(file.read_bytes())
        target = PACKAGES / digest.hexdigest() / name
        _publish(file, target)
    return FunctionPackage(
        path=target,
        sha256=digest.hexdigest(),
        source_code_hash=base64.b64encode(digest.digest()).decode(),
        unpacked_bytes=sum(map(len, contents.values())),
    )


def _pack(file: Path, contents: dict[str, bytes]) -> None:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in contents.items():
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.create_system = 3  # Unix, whatever machine packs
            entry.external_attr = FILE_MODE << 16
            archive.writestr(entry, content)
    file.chmod(READ_ONLY)


def _publish(file: Path, target: Path) -> None:
    """Move `file` to `target`, unless a file of its bytes is there, which stacks may be linked to."""
    target.parent.mkdir(exist_ok=True)
    try:
        # Of processes that pack at once, one makes the file and the others use it.
        os.link(file, target)
    except FileExistsError:
        if target.read_bytes() != file.read_bytes():
            file.replace(target)
    except OSError:
        file.replace(target)
