"""How a wave is, by what CloudWatch is said to say."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fleet.release.manifest import Watching, decoded
from fleet.rollout.health import APIS, MOST_REASONS, StackObservation, judged, summed
from fleet.rollout.records import Record
from tests.fleet.rollouts import Rollouts, text_stack

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


def judge(requests: int, **alarms: dict[str, Any] | None) -> StackObservation:
    return judged(RECORD, alarms, lambda *_: requests, minimum=6)


def test_with_enough_requests_and_no_alarm_it_is_healthy() -> None:
    assert judge(6, api=alarm()) == StackObservation("tenant-a-test", "healthy")
    # Nothing was written to the metric of this one: no error, and so no value.
    assert judge(6, api=alarm("INSUFFICIENT_DATA")) == StackObservation("tenant-a-test", "healthy")


@pytest.mark.parametrize("requests", [0, 5])
def test_with_few_requests_it_is_not_observed(requests: int) -> None:
    said = f"{requests} requests, 6 are needed"
    assert judge(requests, api=alarm()) == StackObservation("tenant-a-test", "not observed", (said,))


def test_an_alarm_that_goes_off_with_the_release_or_after_it_is_unhealthy_whatever_else_is_so() -> None:
    for since in (STARTED, STARTED + timedelta(minutes=7)):
        found = judge(0, api=alarm(), queue=alarm("ALARM", since, "AWS/SQS"), gone=None)
        said = f"alarm queue is on since {since:%Y-%m-%dT%H:%M:%SZ}"
        assert found == StackObservation("tenant-a-test", "unhealthy", (said,))


def test_an_alarm_that_was_on_before_says_nothing_of_the_release() -> None:
    """Nor does it stop every rollout to everybody until somebody has repaired this one."""
    found = judge(9, api=alarm("ALARM", STARTED - timedelta(seconds=1)))
    said = "alarm api is on since 2026-01-01T11:59:59Z, before the release came"
    assert found == StackObservation("tenant-a-test", "not observed", (said,))


def test_a_time_of_part_of_a_second_is_not_before_the_second_that_a_record_says() -> None:
    assert judge(9, api=alarm("ALARM", STARTED + timedelta(microseconds=1))).health == "unhealthy"


def test_the_update_of_an_alarm_counts_where_aws_does_not_say_when_it_went_off() -> None:
    old = {"StateValue": "ALARM", "StateUpdatedTimestamp": STARTED, "Namespace": "AWS/SQS"}
    assert judge(9, api=alarm(), queue=old).health == "unhealthy"


def test_a_stack_that_nothing_watches_is_not_observed() -> None:
    assert judge(9) == StackObservation("tenant-a-test", "not observed", ("no alarms",))
    assert judge(9, api=None) == StackObservation("tenant-a-test", "not observed", ("no alarm api",))
    assert judge(9, queue=alarm(namespace="AWS/SQS")) == StackObservation(
        "tenant-a-test", "not observed", ("no alarm on an API, by which requests are counted",)
    )


def test_a_wave_is_as_the_worst_of_its_stacks() -> None:
    healthy = StackObservation("a", "healthy")
    unseen, ill = (
        StackObservation("b", "not observed", ("why",)),
        StackObservation("c", "unhealthy", ("alarm",)),
    )

    def found(*stacks: StackObservation) -> tuple[str, tuple[str, ...]]:
        verdict = summed("w", stacks)
        return verdict.health, verdict.reasons

    assert found(healthy, healthy) == ("healthy", ())
    assert found(healthy, unseen) == ("not observed", ("b: why",))
    assert found(unseen, ill) == ("unhealthy", ("c: alarm",))
    assert found() == ("not observed", ("no stack of it has got the release",))


def test_of_whom_the_same_is_said_there_is_one_line() -> None:
    found = summed(
        "w", [StackObservation(str(number), "not observed", ("no alarms",)) for number in range(4000)]
    )
    assert found.reasons == ("0, 1, 2, 3, 4 and 3995 more: no alarms",)


def test_many_reasons_are_counted() -> None:
    found = summed("w", [StackObservation("a", "unhealthy", (str(number),)) for number in range(4000)])
    assert len(found.reasons) == MOST_REASONS + 1
    assert found.reasons[-1] == f"and {4000 - MOST_REASONS} more"


def test_what_is_not_known_of_a_release_of_before_changes_none_of_its_bytes(tmp_path: Path) -> None:
    """Its digest is its name, and it may be rolled back to."""
    rollouts = Rollouts(path=tmp_path)
    before = rollouts.release({"a": text_stack("one")}).manifest
    assert b"watching" not in before.encoded()
    assert b"alarms" not in before.encoded()
    watching = Watching(minimum_requests=6, not_observed="wait")
    after = rollouts.release({"a": text_stack("one")}, alarms={"a": ["on"]}, watching=watching).manifest
    for manifest in (before, after):
        assert decoded(manifest.encoded()) == manifest
    assert (after.watching, after.stacks["a"].alarms) == (watching, ("on",))


def test_a_silo_has_alarms_of_plain_names_and_one_on_all_requests_of_its_api() -> None:
    file = Path(__file__).parents[1] / "snapshots" / "tenant-production.json"
    alarms = json.loads(file.read_text())["resource"]["aws_cloudwatch_metric_alarm"].values()
    assert not [alarm for alarm in alarms if "${" in alarm["alarm_name"]]
    assert {tuple(alarm["dimensions"]) for alarm in alarms if alarm["namespace"] == APIS} == {("ApiId",)}
