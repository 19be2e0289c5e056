"""What the emulator's process does before it ends, however it ends: a shim may have started processes of its own."""

from __future__ import annotations

import atexit
from collections.abc import Callable
from typing import Final

_endings: Final[list[Callable[[], None]]] = []


def at_end(ending: Callable[[], None]) -> None:
    """Call `ending` when the process ends, also where it is about to kill itself."""
    _endings.append(ending)
    atexit.register(ending)


def end() -> None:
    """Do now what is to be done at the end."""
    for ending in _endings:
        ending()
