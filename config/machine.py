"""What the machine refuses: a file that cannot be written, a disk that is full, output that nobody takes."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Final

from config.problems import one_line

EXIT_REFUSED: Final = 2


def refused(error: OSError) -> str:
    """Return what `error` says on one line, for a command that ends because of it.

    Where the output was refused, what is still to be written goes nowhere: Python would try again at the end of the
    process, and complain.
    """
    if error.filename is None:
        # A test's output is no file of the machine's.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    where, expected = ("output", "somewhere that takes it")
    if error.filename is not None:
        where, expected = str(error.filename), "a file, folder or program that can be used"
    return one_line(f"{where}: received {error.strerror or error!s}, expected {expected}")
