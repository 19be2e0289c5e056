"""What an engine does next, without an engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.release.manifest import Manifest, Proof, Source, StackEntry, Wave
from fleet.rollout.asking import Asked
from fleet.rollout.deciding import Bake, Decision, Ended, Observe, Start, State, Wait, decide, states_of
from fleet.rollout.records import FAILURES, Record
from fleet.rollout.verdicts import Health, WaveVerdict

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FIRST = Wave(name="first", stacks=("a",), tolerated=0, bake_minutes=10)
SECOND = Wave(name="second", stacks=("b", "c", "d", "e"), tolerated=1, bake_minutes=0)
LAST = Wave(name="last", stacks=("f",), tolerated=0, bake_minutes=10)
WAVES = (FIRST, SECOND, LAST)


def record(stack: str, state: State, ended_at: datetime) -> Record:
    assert state != "waiting"
    assert state != "unchanged"
    assert state != "leaving"
    return Record(
        stack=stack,
        release="r",
        content="c",
        outcome=state,
        attempts=1,
        started_at="",
        ended_at=ended_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def test_what_made_the_same_of_a_stack_counts_and_nothing_else_of_another_release() -> None:
    entry = StackEntry(
        id="a", kind="silo", tenants=(), region="", account=None, backend={}, files={}, content="c", shape=""
    )
    manifest = Manifest(
        source=Source(commit="", author="", committed_at="", modified=False),
        proof=Proof(verdict="PROVED", accepted=(), report=""),
        stacks={"a": entry},
        packages={},
        objects=(),
        waves=(FIRST,),
        concurrency=1,
    )

    def state(known: Record | None) -> State:
        return states_of(manifest, "this", {"a": known})["a"]

    assert state(None) == "waiting"
    other = record("a", "succeeded", NOON)
    assert state(other) == "unchanged"
    assert state(replace(other, content="another")) == "waiting"
    assert state(replace(other, outcome="failed")) == "waiting"
    manifest = replace(manifest, stacks={"a": replace(entry, tenants=("gone",))})
    assert states_of(manifest, "this", {"a": None}, {"gone"}) == {"a": "leaving"}
    assert states_of(manifest, "this", {"a": None}, {"other"}) == {"a": "waiting"}
    assert state(replace(other, outcome="running")) == "waiting"
    assert state(replace(other, release="this", outcome="failed")) == "failed"


SIGNS: Mapping[str, State] = {
    "+": "succeeded",
    "!": "failed",
    "x": "refused",
    "#": "locked",
    "~": "running",
    "|": "stopped",
}


def decided(
    states: str,
    *running: str,
    asked: Asked = "go",
    concurrency: int = 3,
    now: datetime = NOON,
    verdicts: Mapping[str, WaveVerdict] | None = None,
) -> Decision:
    """What is done where `states` (`a+ b!`) are so since an hour, and all others wait."""
    known = {word[0]: SIGNS[word[1]] for word in states.split()}
    all_: dict[str, State] = {stack: "waiting" for wave in WAVES for stack in wave.stacks}
    all_.update(known)
    records = {stack: record(stack, state, NOON - timedelta(hours=1)) for stack, state in known.items()}
    return decide(
        WAVES,
        all_,
        running=running,
        records=records,
        verdicts=verdicts,
        asked=asked,
        concurrency=concurrency,
        now=now,
    )


def begun(wave: Wave, *stacks: str) -> Start:
    return Start(wave=wave, stacks=stacks)


def test_the_first_wave_begins_alone() -> None:
    assert decided("") == begun(FIRST, "a")
    assert decided("", "a") == Wait()


def test_no_more_run_at_once_than_may() -> None:
    assert decided("a+") == begun(SECOND, "b", "c", "d")
    assert decided("a+", "b", "c") == begun(SECOND, "d")
    assert decided("a+", "b", "c", "d") == Wait()


def test_the_next_wave_waits_for_the_last_of_this_one() -> None:
    assert decided("a+ b+ c+ d+", "e") == Wait()
    assert decided("a+ b+ c+ d+ e+") == begun(LAST, "f")


def test_after_a_wave_there_is_a_pause_from_its_last_end() -> None:
    soon = NOON - timedelta(minutes=55)
    assert decided("a+", now=soon) == Bake(wave=FIRST, until=NOON - timedelta(minutes=50))
    assert decided("a+", now=NOON - timedelta(minutes=50)) == begun(SECOND, "b", "c", "d")


def test_after_the_last_wave_nobody_waits() -> None:
    assert decided("a+ b+ c+ d+ e+ f+", now=NOON - timedelta(minutes=59)) == Ended(how="finished")


def test_a_failure_that_is_tolerated_stops_nobody() -> None:
    assert decided("a+ b!") == begun(SECOND, "c", "d", "e")
    assert decided("a+ b! c+ d+ e+") == begun(LAST, "f")
    assert decided("a+ b! c+ d+ e+ f+") == Ended(how="finished")


@pytest.mark.parametrize("states", ["a+ b! cx", "a+ b# c!", "a+ bx c#"])
def test_one_failure_more_starts_nobody_and_who_runs_finishes(states: str) -> None:
    assert decided(states, "d") == Wait()
    assert decided(states) == Ended(how="halted", wave=SECOND, failures=2)


def test_the_canary_tolerates_nothing() -> None:
    assert decided("a!") == Ended(how="halted", wave=FIRST, failures=1)


def test_who_is_tried_again_does_not_count_as_failed() -> None:
    assert decided("a!", "a") == Wait()


def test_asked_to_wait_nobody_begins_and_who_runs_finishes() -> None:
    assert decided("a+", "b", asked="pause") == Wait()
    assert decided("a+", asked="pause") == Ended(how="paused", wave=SECOND)
    assert decided("a+", asked="abort") == Ended(how="aborted", wave=SECOND)


def test_asked_to_wait_after_all_are_done_it_is_finished() -> None:
    assert decided("a+ b+ c+ d+ e+ f+", asked="abort") == Ended(how="finished")


@pytest.mark.parametrize("states", ["a~", "a|"])
def test_who_was_left_by_an_engine_that_is_gone_begins_again(states: str) -> None:
    assert decided(states) == begun(FIRST, "a")


def verdict(health: Health, at: datetime = NOON, *reasons: str) -> dict[str, WaveVerdict]:
    said = WaveVerdict(wave="first", health=health, reasons=reasons, at=at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    return {"first": said}


def test_after_the_pause_and_not_before_somebody_looks_at_who_has_the_release() -> None:
    soon = NOON - timedelta(minutes=55)
    assert decided("a+", now=soon, verdicts={}) == Bake(wave=FIRST, until=NOON - timedelta(minutes=50))
    assert decided("a+", verdicts={}) == Observe(wave=FIRST)
    assert decided("", verdicts={}) == begun(FIRST, "a")
    # After a wave without a pause nobody does, and not after the last one.
    assert decided("a+ b+ c+ d+ e+", verdicts=verdict("healthy")) == begun(LAST, "f")
    assert decided("a+ b+ c+ d+ e+ f+", verdicts={}) == Ended(how="finished")


@pytest.mark.parametrize("health", ["healthy", "not observed"])
def test_a_wave_that_is_not_unhealthy_is_followed_by_the_next(health: Health) -> None:
    assert decided("a+", verdicts=verdict(health)) == begun(SECOND, "b", "c", "d")


def test_a_wave_that_is_unhealthy_is_the_last() -> None:
    unhealthy = verdict("unhealthy", NOON, "alarm")
    assert decided("a+", verdicts=unhealthy) == Ended(how="halted", wave=FIRST, reasons=("alarm",))
    assert decided("a+", verdicts=unhealthy, asked="abort") == Ended(how="aborted", wave=SECOND)


def test_who_got_the_release_after_a_look_is_looked_at_again() -> None:
    before = NOON - timedelta(hours=1, seconds=1)
    assert decided("a+", verdicts=verdict("unhealthy", before)) == Observe(wave=FIRST)


@given(st.data())
def test_every_rollout_ends_and_tolerates_no_more_than_it_may(data: st.DataObject) -> None:
    """Workers end in any order and any way; what was begun ends before the rollout does."""
    states: dict[str, State] = dict.fromkeys("abcdef", "waiting")
    ends: dict[str, Record | None] = {}
    running: list[str] = []
    clock = NOON
    for _ in range(100):
        decision = decide(
            WAVES,
            states,
            running=running,
            records=ends,
            verdicts=None,
            asked=data.draw(st.sampled_from(("go", "go", "go", "pause", "abort"))),
            concurrency=2,
            now=clock,
        )
        if isinstance(decision, Ended):
            break
        if isinstance(decision, Start):
            assert not set(decision.stacks) & set(running)
            running += decision.stacks
            assert len(running) <= 2
        elif isinstance(decision, Bake):
            clock = decision.until
        else:
            stack = running.pop(data.draw(st.integers(0, len(running) - 1)))
            states[stack] = data.draw(st.sampled_from(("succeeded", "failed", "stopped")))
            ends[stack] = record(stack, states[stack], clock)
    else:
        return  # who ends as stopped may begin again for ever
    assert running == []
    for index, wave in enumerate(WAVES):
        failures = sum(states[stack] in FAILURES for stack in wave.stacks)
        if failures > wave.tolerated:
            later = [states[stack] for other in WAVES[index + 1 :] for stack in other.stacks]
            assert set(later) <= {"waiting"}
