"""One condition for all that waits inside the emulator: for a build to end, or for somebody to stop an execution."""

from __future__ import annotations

import threading
from typing import Final

HAPPENED: Final = threading.Condition(threading.RLock())
"""Notified whenever a build or an execution changes."""


def happened() -> None:
    """Wake whoever waits."""
    with HAPPENED:
        HAPPENED.notify_all()
