"""Which stack a release reaches when, and what `fleet.yaml` may say of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.problems import ConfigurationError
from constructs.silo.silo_alarms import API_ERRORS
from fleet.limits import load_limits
from fleet.release.manifest import Kind, StackEntry
from fleet.release.waves import waves_of
from fleet.rollout_settings import RolloutSettings


def entry(id_: str, *, kind: Kind = "silo", canary: bool = False, held: bool = False) -> StackEntry:
    return StackEntry(
        id=id_,
        kind=kind,
        tenants=(id_,),
        region="us-east-1",
        account=None,
        backend={},
        files={},
        content="",
        shape="",
        canary=canary,
        held=held,
    )


FLEET = [*(entry(f"tenant-{number}") for number in range(20)), entry("platform", kind="platform")]


def sizes(settings: RolloutSettings) -> list[tuple[str, int, int]]:
    return [(wave.name, len(wave.stacks), wave.tolerated) for wave in waves_of(FLEET, settings)]


def test_one_silo_comes_first_and_the_platform_last() -> None:
    assert sizes(RolloutSettings()) == [
        ("canary", 1, 0),
        ("10%", 2, 0),
        ("50%", 8, 0),
        ("100%", 9, 0),
        ("platform", 1, 0),
    ]


def test_a_percentage_of_few_tolerates_no_failure() -> None:
    found = sizes(RolloutSettings(canary=0, waves=(10, 100), tolerated_failures="10%"))
    assert found == [("10%", 2, 0), ("100%", 18, 1), ("platform", 1, 0)]


def test_a_number_is_no_more_than_the_wave_has() -> None:
    found = sizes(RolloutSettings(canary=0, waves=(10, 100), tolerated_failures=3))
    assert found == [("10%", 2, 2), ("100%", 18, 3), ("platform", 1, 0)]


def test_who_is_marked_comes_first_and_who_is_held_does_not_come() -> None:
    stacks = [entry("a"), entry("b", canary=True), entry("c", held=True), entry("d", canary=True, held=True)]
    waves = waves_of(stacks, RolloutSettings(waves=(100,)))
    assert [(wave.name, wave.stacks) for wave in waves] == [("canary", ("b",)), ("100%", ("a",))]


@given(
    st.permutations(FLEET),
    st.sets(st.integers(1, 99)).map(lambda found: (*sorted(found), 100)),
    st.integers(0, 30),
)
def test_each_stack_is_in_one_wave_whatever_the_order(
    stacks: list[StackEntry], percentages: tuple[int, ...], canary: int
) -> None:
    settings = RolloutSettings(waves=percentages, canary=canary)
    waves = waves_of(stacks, settings)
    assert waves == waves_of(FLEET, settings)
    reached = [stack for wave in waves for stack in wave.stacks]
    assert sorted(reached) == sorted(stack.id for stack in FLEET)
    assert all(wave.stacks for wave in waves)


def loaded(tmp_path: Path, text: str) -> RolloutSettings:
    (tmp_path / "fleet.yaml").write_text(text)
    return load_limits(tmp_path / "fleet.yaml").rollout


def test_settings_are_read(tmp_path: Path) -> None:
    assert loaded(tmp_path, "limits: {}") == RolloutSettings()
    assert loaded(tmp_path, "rollout:") == RolloutSettings()
    text = (
        "rollout: {canary: 2, waves: [5, 100], bake_minutes: 0.5, tolerated_failures: 5%, concurrency: 20, "
        "minimum_requests: 100, not_observed: wait}"
    )
    assert loaded(tmp_path, text) == RolloutSettings(
        canary=2,
        waves=(5, 100),
        bake_minutes=0.5,
        tolerated_failures="5%",
        concurrency=20,
        minimum_requests=100,
        not_observed="wait",
    )


def test_an_alarm_can_go_off_with_as_many_requests_as_are_needed() -> None:
    assert RolloutSettings().minimum_requests > API_ERRORS


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("rollout: [1]", "fleet.yaml:1: rollout: received 'a list', expected a mapping"),
        (
            "rollout: {wave: 1}",
            "fleet.yaml:1: rollout.wave: received 'wave', expected one of the keys 'canary', ",
        ),
        (
            "rollout: {canary: -1}",
            "fleet.yaml:1: rollout.canary: received -1, expected a whole number of silos",
        ),
        ("rollout: {canary: true}", "received True, expected a whole number of silos, 0 or more"),
        ("rollout: {waves: [50]}", "rollout.waves: received 'a list', expected a list of whole percentages"),
        ("rollout: {waves: [50, 50, 100]}", "expected a list of whole percentages that rise to 100"),
        ("rollout: {waves: []}", "expected a list of whole percentages that rise to 100"),
        (
            "rollout: {tolerated_failures: 101%}",
            "received '101%', expected a whole number of stacks, or a percentage",
        ),
        ("rollout: {bake_minutes: 10081}", "received 10081, expected minutes, 0 to 10080"),
        ("rollout: {concurrency: 21}", "received 21, expected a whole number of stacks, 1 to 20"),
        ("rollout: {minimum_requests: 0}", "received 0, expected a whole number of requests, 1 to "),
        ("rollout: {not_observed: stop}", "received 'stop', expected one of the words continue, wait"),
        ("rollout: {not_observed: [wait]}", "expected one of the words continue, wait"),
    ],
)
def test_a_mistake_is_said_with_its_place(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        loaded(tmp_path, text)
    assert said in str(error.value)
