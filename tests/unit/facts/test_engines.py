"""Versions of Aurora PostgreSQL, instance classes and runtimes that the stacks ask for."""

from __future__ import annotations

import pytest

from facts.engines import CREATABLE, MAJOR, PARAMETER_FAMILY, creatable
from facts.instance_classes import INSTANCE_CLASSES
from facts.runtimes import RUNTIME


@pytest.mark.parametrize("version", [MAJOR, "15", "15.17", "17.4"])
def test_a_major_or_a_minor_on_offer_can_be_created(version: str) -> None:
    assert creatable(version)


@pytest.mark.parametrize("version", ["15.8", "15.", "1", "12", ""])
def test_nothing_else_can(version: str) -> None:
    assert not creatable(version)


def test_minors_are_of_their_major_and_in_order() -> None:
    for major, minors in CREATABLE.value.items():
        numbers = [tuple(map(int, minor.split("."))) for minor in minors]
        assert {number[0] for number in numbers} == {int(major)}
        assert numbers == sorted(set(numbers))


def test_the_parameter_group_is_of_the_major() -> None:
    assert PARAMETER_FAMILY == "aurora-postgresql15"


def test_the_class_runs_the_major_and_can_be_watched() -> None:
    (instance_class,) = (fact.value for fact in INSTANCE_CLASSES)
    assert instance_class.name == "db.t3.medium"
    assert MAJOR in instance_class.majors
    assert instance_class.performance_insights
    assert instance_class.enhanced_monitoring


def test_a_runtime_ends_step_by_step() -> None:
    runtime = RUNTIME.value
    assert runtime.deprecated < runtime.no_new_functions < runtime.no_updates
