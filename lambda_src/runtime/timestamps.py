"""Times as text."""

from __future__ import annotations

from datetime import datetime


def timestamp(moment: datetime) -> str:
    """Return `moment`, which is in UTC, in ISO 8601 with microseconds."""
    return f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}"
