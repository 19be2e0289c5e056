"""Which AWS a test's own process reaches."""

from __future__ import annotations

import pytest

from emulator.server import Emulator


def reach_only(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    """Empty `emulator`, and make it the only AWS that this process reaches until the end of the test."""
    emulator.reset()
    for name, value in emulator.environment().items():
        if name.startswith("AWS_"):
            monkeypatch.setenv(name, value)
