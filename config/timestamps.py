"""Points in time as tags carry them: always given, never read from a clock."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BeforeValidator

EXPECTED: Final = "an ISO 8601 time in UTC, such as '2026-01-31T12:00:00Z'"
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
    except ValueError:
        moment = None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise ValueError(EXPECTED)
    return moment.astimezone(UTC).strftime(_FORMAT)


Timestamp = Annotated[str, BeforeValidator(parse_timestamp)]
