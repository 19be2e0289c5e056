"""The state machine's definition: whole, the same every time, and of the size that Step Functions takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from constructs.delivery.state_machine_definition import DeliveryResources, definition

RESOURCES = DeliveryResources(
    partition="aws", bucket="releases", table="records", project="worker", watching="what looks"
)
ROLLOUT = json.loads(definition(RESOURCES))
STACK = ROLLOUT["States"]["Wave"]["ItemProcessor"]
ENDS = {"Succeed", "Fail"}


def following(state: dict[str, Any]) -> Iterator[str]:
    """Every state that may be next."""
    for choice in (state, *state.get("Catch", ()), *state.get("Choices", ())):
        if "Next" in choice:
            yield choice["Next"]
    if "Default" in state:
        yield state["Default"]


def reached(machine: dict[str, Any]) -> set[str]:
    found: set[str] = set()
    waiting = [machine["StartAt"]]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += following(machine["States"][name])
    return found


@pytest.mark.parametrize("machine", [ROLLOUT, STACK], ids=["rollout", "stack"])
def test_each_state_is_reached_and_leads_on_or_ends(machine: dict[str, Any]) -> None:
    assert reached(machine) == set(machine["States"])
    for name, state in machine["States"].items():
        assert state["Type"] in {"Task", "Map", "Choice", "Wait", "Pass", *ENDS}, name
        assert (state["Type"] in ENDS) == (not list(following(state))), name


def test_no_state_keeps_a_result() -> None:
    for state in (*ROLLOUT["States"].values(), *STACK["States"].values()):
        if state["Type"] in {"Task", "Map"}:
            assert state["ResultPath"] is None
            assert all(catch["ResultPath"] is None for catch in state.get("Catch", ()))


def test_no_failure_of_a_stack_fails_the_map_run_whose_children_would_be_stopped() -> None:
    wave = ROLLOUT["States"]["Wave"]
    assert wave["ToleratedFailurePercentage"] == 100
    assert wave["MaxConcurrencyPath"] == "$.waves[0].concurrency"
    assert "ToleratedFailureCount" not in wave
    build = STACK["States"]["Build"]
    assert build["Resource"] == "arn:aws:states:::codebuild:startBuild.sync"
    (catch,) = build["Catch"]
    assert (catch["ErrorEquals"], catch["Next"]) == (["States.ALL"], "CountFailure")
    counted = STACK["States"]["CountFailure"]
    assert counted["Parameters"]["UpdateExpression"] == "ADD tolerated :minus_one"
    assert counted["Next"] == "StackFailed"


def test_throttling_is_waited_for_and_a_build_that_failed_is_not_tried_again() -> None:
    (retry,) = STACK["States"]["Build"]["Retry"]
    assert retry["ErrorEquals"] == [
        "CodeBuild.AccountLimitExceededException",
        "CodeBuild.ThrottlingException",
    ]


def test_who_asks_is_asked_before_each_wave_each_pause_and_each_stack() -> None:
    asking = [
        name
        for states in (ROLLOUT["States"], STACK["States"])
        for name, state in states.items()
        if "asked = :go" in state.get("Parameters", {}).get("ConditionExpression", "")
    ]
    assert asking == ["BeginWave", "MayItGoOn", "MayItBegin"]
    # What the wave tolerates begins anew with each wave, and nobody begins below it.
    assert ROLLOUT["States"]["BeginWave"]["Parameters"]["UpdateExpression"] == "SET tolerated = :tolerated"
    assert "tolerated >= :none" in STACK["States"]["MayItBegin"]["Parameters"]["ConditionExpression"]
    assert ROLLOUT["States"]["Tolerated"]["Catch"][0]["Next"] == "Halted"


def test_a_wave_is_looked_at_after_its_pause_and_an_unhealthy_one_is_the_last() -> None:
    states = ROLLOUT["States"]
    assert states["Bake"]["Next"] == "Observe"
    assert states["Observe"]["Parameters"] == {
        "ProjectName": "worker",
        "BuildspecOverride": "what looks",
        "EnvironmentVariablesOverride": [
            {"Name": "RELEASE", "Type": "PLAINTEXT", "Value.$": "$.release"},
            {"Name": "WAVE", "Type": "PLAINTEXT", "Value.$": "$.waves[0].name"},
        ],
    }
    assert states["Observe"]["Next"] == "NextWave"
    (catch,) = states["Observe"]["Catch"]
    assert (catch["ErrorEquals"], catch["Next"]) == (["States.ALL"], "Unhealthy")
    assert states["Unhealthy"]["Type"] == "Fail"
    # Without a pause nobody looks.
    assert states["IsThereAPause"]["Default"] == "NextWave"


def test_the_items_are_read_from_the_bucket() -> None:
    reader = ROLLOUT["States"]["Wave"]["ItemReader"]
    assert reader["Parameters"] == {"Bucket": "releases", "Key.$": "$.waves[0].stacks"}
    assert STACK["ProcessorConfig"] == {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}


def test_the_same_resources_give_the_same_text() -> None:
    assert definition(RESOURCES) == definition(RESOURCES)
    assert len(definition(RESOURCES)) < 10_000
    china = DeliveryResources(partition="aws-cn", bucket="b", table="t", project="p", watching="w")
    assert "arn:aws-cn:states:::codebuild:startBuild.sync" in definition(china)
