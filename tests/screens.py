"""What was written to a terminal, or to a pipe, by its other end."""

from __future__ import annotations

import os
from typing import TextIO

END = b"<end>"


def read_all(reading: int, stream: TextIO) -> str:
    """Read from `reading` all that was written to `stream`, which is open: a terminal that is closed loses some."""
    os.write(stream.fileno(), END)
    written = b""
    while not written.endswith(END):
        written += os.read(reading, 1000)
    return written.removesuffix(END).decode()
