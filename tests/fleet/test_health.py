"""How a wave is, by what CloudWatch is said to say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from fleet.rollout.health import MOST_REASONS, Finding, judged, summed
from fleet.rollout.records import Record

STARTED = datetime(2026, 1, 1, 12, tzinfo=UTC)
RECORD = Record(
    stack="tenant-a-test",
    release="r",
    content="c",
    outcome="succeeded",
    attempts=1,
    started_at="2026-01-01T12:00:00Z",
    ended_at="2026-01-01T12:05:00Z",
)


def alarm(state: str = "OK", since: datetime = STARTED, namespace: str = "AWS/ApiGateway") -> dict[str, Any]:
    return {"StateValue": state, "StateTransitionedTimestamp": since, "Namespace": namespace}


def judge(requests: int, **alarms: dict[str, Any] | None) -> Finding:
    return judged(RECORD, alarms, lambda *_: requests, minimum=6)


def test_with_enough_requests_and_no_alarm_it_is_healthy() -> None:
    assert judge(6, api=alarm()) == Finding("healthy")
    # Nothing was written to the metric of this one: no error, and so no value.
    assert judge(6, api=alarm("INSUFFICIENT_DATA")) == Finding("healthy")


@pytest.mark.parametrize("requests", [0, 5])
def test_with_few_requests_it_is_not_observed(requests: int) -> None:
    said = f"tenant-a-test: {requests} requests, 6 are needed"
    assert judge(requests, api=alarm()) == Finding("not observed", (said,))


def test_an_alarm_that_goes_off_with_the_release_or_after_it_is_unhealthy_whatever_else_is_so() -> None:
    for since in (STARTED, STARTED + timedelta(minutes=7)):
        found = judge(0, api=alarm(), queue=alarm("ALARM", since, "AWS/SQS"), gone=None)
        said = f"tenant-a-test: alarm queue is on since {since:%Y-%m-%dT%H:%M:%SZ}"
        assert found == Finding("unhealthy", (said,))


def test_an_alarm_that_was_on_before_says_nothing_of_the_release() -> None:
    """Nor does it stop every rollout to everybody until somebody has repaired this one."""
    found = judge(9, api=alarm("ALARM", STARTED - timedelta(seconds=1)))
    said = "tenant-a-test: alarm api is on since 2026-01-01T11:59:59Z, before the release came"
    assert found == Finding("not observed", (said,))


def test_a_time_of_part_of_a_second_is_not_before_the_second_that_a_record_says() -> None:
    assert judge(9, api=alarm("ALARM", STARTED + timedelta(microseconds=1))).health == "unhealthy"


def test_the_update_of_an_alarm_counts_where_aws_does_not_say_when_it_went_off() -> None:
    old = {"StateValue": "ALARM", "StateUpdatedTimestamp": STARTED, "Namespace": "AWS/SQS"}
    assert judge(9, api=alarm(), queue=old).health == "unhealthy"


def test_a_stack_that_nothing_watches_is_not_observed() -> None:
    assert judge(9) == Finding("not observed", ("tenant-a-test: it has no alarms",))
    assert judge(9, api=None) == Finding("not observed", ("tenant-a-test: no alarm api",))
    assert judge(9, queue=alarm(namespace="AWS/SQS")) == Finding(
        "not observed", ("tenant-a-test: no alarm on an API, by which requests are counted",)
    )


def test_a_wave_is_as_the_worst_of_its_stacks() -> None:
    healthy, unseen, ill = Finding("healthy"), Finding("not observed", ("b",)), Finding("unhealthy", ("c",))
    assert summed("w", [healthy, healthy]).health == "healthy"
    assert (summed("w", [healthy, unseen]).health, summed("w", [healthy, unseen]).reasons) == (
        "not observed",
        ("b",),
    )
    assert (summed("w", [unseen, ill]).health, summed("w", [unseen, ill]).reasons) == ("unhealthy", ("c",))
    assert summed("w", []).health == "not observed"


def test_many_reasons_are_counted() -> None:
    found = summed("w", [Finding("unhealthy", (str(number),)) for number in range(4000)])
    assert len(found.reasons) == MOST_REASONS + 1
    assert found.reasons[-1] == f"and {4000 - MOST_REASONS} more"
