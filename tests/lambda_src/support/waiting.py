"""Waiting for a result without assuming how fast the machine is."""

import time
from collections.abc import Callable
from typing import TypeVar

from tests.guards import GUARD_SECONDS

Answer = TypeVar("Answer")


def eventually(question: Callable[[], Answer]) -> Answer:
    """The first answer that is truthy."""
    deadline = time.monotonic() + GUARD_SECONDS
    while time.monotonic() < deadline:
        if answer := question():
            return answer
        time.sleep(0.05)
    raise AssertionError(f"no answer within {GUARD_SECONDS:g} s")
