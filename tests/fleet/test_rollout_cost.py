"""What a rollout costs that AWS carries out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from constructs.delivery.state_machine_definition import DeliveryResources, definition
from constructs.delivery.worker_project import COMPUTE
from facts.prices import USE_PRICES
from facts.quotas import QUOTAS
from fleet.__main__ import main
from fleet.release.manifest import Manifest, Watching, Wave
from fleet.rollout.cost import STEPS_OF_A_STACK, STEPS_OF_A_WAVE, dollars
from fleet.rollout_settings import MOST_CONCURRENT
from fleet.uses import MOST_BUILDS, SMALL_BUILD, USES
from tests.fleet.rollouts import Rollouts, text_stack
from tests.fleet.stacks import stack_of

ROLLOUT = json.loads(
    definition(DeliveryResources(partition="aws", bucket="b", table="t", project="p", watching="w"))
)


def steps(states: Mapping[str, Any], first: str, last: str) -> int:
    """How many states are carried out from `first` to `last`, where all is well and there is more to do."""
    name, count = first, 1
    while name != last:
        state = states[name]
        name = state["Choices"][0]["Next"] if state["Type"] == "Choice" else state["Next"]
        count += 1
    return count


def manifest(rollouts: Rollouts, *sizes: int, bake_minutes: float = 10) -> Manifest:
    """A release of waves of these sizes."""
    names = [[f"{wave}-{number}" for number in range(size)] for wave, size in enumerate(sizes)]
    waves = [
        Wave(name=str(wave), stacks=tuple(stacks), tolerated=0, bake_minutes=bake_minutes)
        for wave, stacks in enumerate(names)
    ]
    stacks = {name: text_stack(name) for wave in names for name in wave}
    watching = Watching(minimum_requests=6, not_observed="continue")
    return rollouts.release(stacks, waves=waves, watching=watching).manifest


def test_the_steps_are_those_of_the_definition() -> None:
    stack = ROLLOUT["States"]["Wave"]["ItemProcessor"]
    assert steps(stack["States"], stack["StartAt"], "Ended") == STEPS_OF_A_STACK
    assert steps(ROLLOUT["States"], ROLLOUT["StartAt"], "NextWave") == STEPS_OF_A_WAVE


def test_minutes_of_builds_and_steps_are_paid_for(tmp_path: Path) -> None:
    minute = USE_PRICES["build minute"].value.amount
    step = USE_PRICES["state transitions"].value.amount / 1000
    found = manifest(Rollouts(path=tmp_path), 1, 4)
    # Five workers of two minutes, the third of which has begun, and one look.
    assert dollars(found, 2.5) == 16 * minute + (15 + 18) * step
    without = manifest(Rollouts(path=tmp_path), 1, 4, bake_minutes=0)
    assert dollars(without, 2) == 10 * minute + (15 + 18) * step
    assert isinstance(dollars(found, 3), Decimal)


def test_a_plan_says_what_a_rollout_costs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rollouts = Rollouts(path=tmp_path)
    release = rollouts.release({str(number): text_stack("one") for number in range(20)})
    assert main(["plan", release.digest, "--minutes-each=3", *rollouts.options]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "with --engine step-functions: 0.30 US dollars at list prices of us-east-1"


def test_a_project_of_builds_takes_one_at_least_and_as_many_as_a_rollout_may_have_at_once() -> None:
    name = "concurrent builds on small Linux machines"
    assert COMPUTE == SMALL_BUILD
    assert MOST_BUILDS == MOST_CONCURRENT
    stack = stack_of("delivery-test", aws_codebuild_project=[{"environment": {"compute_type": SMALL_BUILD}}])
    assert [(use.amount, use.most) for use in USES[name](stack)] == [(1, MOST_CONCURRENT)]
    other = stack_of("s", aws_codebuild_project=[{"environment": {"compute_type": "BUILD_GENERAL1_LARGE"}}])
    assert list(USES[name](other)) == []
    assert QUOTAS[name].value.default == 1
