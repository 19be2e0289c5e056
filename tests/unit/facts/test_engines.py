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


def test_each_class_runs_the_major_and_can_be_watched() -> None:
    for name, fact in INSTANCE_CLASSES.items():
        assert fact.value.name == name
        assert MAJOR in fact.value.majors
        assert fact.value.performance_insights
        assert fact.value.enhanced_monitoring


def test_which_classes_are_burstable_and_what_they_hold() -> None:
    """AWS's table, not a division: of 4 GiB a db.t3.medium has 420 and a db.t4g.medium 405."""
    burstable = [name for name, fact in INSTANCE_CLASSES.items() if fact.value.burstable]
    assert burstable == ["db.t3.medium", "db.t3.large", "db.t4g.medium", "db.t4g.large"]
    connections = {name: fact.value.connections for name, fact in INSTANCE_CLASSES.items()}
    assert (connections["db.t3.medium"], connections["db.r6g.large"]) == (420, 1722)
    assert connections["db.r6g.16xlarge"] == connections["db.r6g.2xlarge"] == 5000


def test_a_runtime_ends_step_by_step() -> None:
    runtime = RUNTIME.value
    assert runtime.deprecated < runtime.no_new_functions < runtime.no_updates
