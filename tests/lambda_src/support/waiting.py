"""Waiting for a result without assuming how fast the machine is."""

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")

PATIENCE_SECONDS = 600.0
"""Ends a hang. Nothing that works takes this long, however slow the machine is."""


def eventually(question: Callable[[], Answer]) -> Answer:
    """The first answer that is truthy."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"no answer within {PATIENCE_SECONDS:g} s")
