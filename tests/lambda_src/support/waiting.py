"""Waiting for something that comes in its own time, however slow the machine is."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

PATIENCE_SECONDS = 600.0
"""Ends a hang. Nothing that works takes so long, on any machine."""


def eventually(question: Callable[[], Answer]) -> Answer:
    """The first answer that is true or not empty."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"nothing came of it in {PATIENCE_SECONDS:g} s")
