"""Points in time as tags carry them: always given, never read from a clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BeforeValidator

EXPECTED: Final = "an ISO 8601 time in UTC, such as '2026-01-31T12:00:00Z'"
_WRITTEN: Final = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
)
"""Python reads more than ISO 8601, such as any character between date and time."""
_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"


def parse_timestamp(value: object) -> str:
    """Return `value` in the one form that tags use, `YYYY-MM-DDThh:mm:ssZ`.

    Args:
        value: an ISO 8601 text with an offset, or the `datetime` that YAML makes of one.

    Raises:
        ValueError: it is neither, or it has no offset.
    """
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        in_utc = moment.astimezone(UTC) if isinstance(moment, datetime) and moment.tzinfo else None
    except (ValueError, OverflowError):
        in_utc = None
    if in_utc is None or (isinstance(value, str) and not _WRITTEN.fullmatch(value)):
        raise ValueError(EXPECTED)
    return in_utc.strftime(_FORMAT)


Timestamp = Annotated[str, BeforeValidator(parse_timestamp)]
