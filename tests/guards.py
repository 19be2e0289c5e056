"""How long a test waits before it says that something hangs: no measure of how fast the machine is."""

from typing import Final

GUARD_SECONDS: Final = 1800.0
"""Ends a hang, in seconds. Nothing that works takes this long, however busy the machine is."""
