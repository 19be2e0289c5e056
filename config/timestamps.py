"""Points in time as tags carry them: always given, never read from a clock."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BeforeValidator, WithJsonSchema

EXPECTED: Final = "an ISO 8601 time in UTC, such as '2026-01-31T12:00:00Z'"
_PATTERN: Final = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})"
_WRITTEN: Final = re.compile(_PATTERN)
"""Python reads more than ISO 8601, such as any character between date and time."""


def parse_timestamp(value: object) -> str:
    """Return `value` in the one form that tags use, `YYYY-MM-DDThh:mm:ssZ`.

    Args:
        value: an ISO 8601 text with an offset.

    Raises:
        ValueError: it is not such a text, or has no offset.
    """
    if not isinstance(value, str) or not _WRITTEN.fullmatch(value):
        raise ValueError(EXPECTED)
    try:
        in_utc = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(EXPECTED) from error
    # Not strftime, which writes the year 1 in one digit.
    return f"{in_utc.replace(microsecond=0, tzinfo=None).isoformat()}Z"


Timestamp = Annotated[
    str,
    BeforeValidator(parse_timestamp),
    WithJsonSchema({"type": "string", "pattern": f"^{_PATTERN}$"}),
]
