"""Files are written beside their place and moved there: whoever reads one finds the old or the new, never a half."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config.problems import ConfigurationError, Problem


@contextmanager
def beside(file: Path, content: bytes) -> Iterator[Path]:
    """Write `content` to a new file beside `file`; it is gone in the end unless it was moved.

    Raises:
        OSError: it cannot be written.
    """
    descriptor, path = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}.")
    new = Path(path)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        yield new
    finally:
        new.unlink(missing_ok=True)


def written(file: Path, text: str) -> int:
    """Write `text` to `file`, which others may read, and return its size in bytes; folders that are missing are made.

    Raises:
        ConfigurationError: it cannot be written.
    """
    content = text.encode()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with beside(file, content) as new:
            new.chmod(0o644)
            new.replace(file)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        problem = Problem(where=str(file), received=reason, expected="a file that can be written")
        raise ConfigurationError([problem]) from None
    return len(content)
