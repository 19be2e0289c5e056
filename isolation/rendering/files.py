"""Writes the reports: all of them or none, each whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path


def write_all(texts: Mapping[Path, str]) -> None:
    """Write each text to its file, replacing what is there once all are written.

    Raises:
        OSError: a file cannot be written; none is replaced then, except that replacing itself may fail half-way.
    """
    written: dict[str, Path] = {}
    try:
        for path, text in texts.items():
            # A device or a pipe, such as /dev/stdout, is written to; a link's file is replaced, not the link.
            if path.exists() and not path.is_file():
                path.write_text(text, encoding="utf-8")
                continue
            file = path.resolve()
            if file.exists() and not os.access(file, os.W_OK):
                raise PermissionError(13, os.strerror(13), str(path))
            written[_beside(file, path, text)] = file
        for temporary, file in written.items():
            Path(temporary).replace(file)
    finally:
        for temporary in written:
            Path(temporary).unlink(missing_ok=True)


def _beside(file: Path, named: Path, text: str) -> str:
    """Write `text` to a new file in the folder of `file` and return its name."""
    try:
        handle, temporary = tempfile.mkstemp(prefix=f".{file.name[:40]}.", dir=file.parent)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(named)) from error
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            stream.write(text)
        umask = os.umask(0)
        os.umask(umask)
        Path(temporary).chmod(0o666 & ~umask)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise OSError(error.errno, error.strerror, str(named)) from error
    return temporary
