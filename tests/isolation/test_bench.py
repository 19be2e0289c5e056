"""The work grows with the number of tenants, not with the number of pairs."""

from __future__ import annotations

from itertools import count

import pytest

from isolation.bench import LIMIT_SECONDS, main, measure, multiplied
from tests.isolation.stacks import documents, written


def test_more_tenants_are_more_of_the_same_questions() -> None:
    few, many = measure(documents(), 10), measure(documents(), 40)
    assert few.verdict == many.verdict == "PROVED"
    assert many.asked == 4 * few.asked
    assert many.solved == few.solved


def test_more_resources_of_a_tenant_are_more_of_the_same_questions() -> None:
    few, many = (measure(documents(), 2, copies=copies) for copies in (4, 8))
    assert few.verdict == many.verdict == "PROVED"
    assert many.resources == 2 * few.resources
    assert many.asked <= 2 * few.asked
    assert many.solved == few.solved


def test_each_tenant_is_a_copy_under_its_own_name() -> None:
    stacks = multiplied(documents(), 3)
    assert sorted(stacks) == [f"tenant-tenant{number:04d}-test" for number in range(3)]
    assert "acme-corp" not in repr(stacks)


def test_the_benchmark_prints_times_and_their_share_of_the_limit(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = written(tmp_path_factory.mktemp("bench"), documents())
    seconds = count()
    assert main([str(folder), "10"], clock=lambda: float(next(seconds))) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines[:5]] == ["1", "5", "10", "1", "1"]
    assert "10 tenants with 540 resources in 1.00 s, 1.85 ms each, PROVED" in lines[2]
    assert [line.split()[4] for line in lines[3:5]] == ["486", "1026"]
    assert lines[5] == "isolation: small stacks: 2.0 times the resources take 1.0 times as long"
    assert lines[6] == "isolation: large stacks: 2.1 times the resources take 1.0 times as long"
    assert lines[7] == "isolation: 0.07 of the 15 s that either may take"


def test_the_benchmark_fails_over_the_limit_and_without_stacks(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    folder = written(tmp_path_factory.mktemp("bench"), documents())
    seconds = count(step=LIMIT_SECONDS + 1)
    assert main([str(folder), "1"], clock=lambda: next(seconds)) == 1
    assert main([str(folder / "none")]) == 2
