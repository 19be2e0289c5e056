"""Times as text."""

from datetime import UTC, datetime

from runtime.timestamps import timestamp


def test_a_timestamp_has_microseconds_and_says_utc() -> None:
    assert timestamp(datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC)) == "2026-01-02T03:04:05.000678Z"


def test_timestamps_sort_as_their_times_do() -> None:
    moments = [datetime(2026, 1, 2, microsecond=part, tzinfo=UTC) for part in (0, 1, 999_999)]
    assert sorted(map(timestamp, moments)) == [timestamp(moment) for moment in moments]
