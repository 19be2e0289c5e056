"""The work grows with the number of tenants, not with the number of pairs."""

from __future__ import annotations

import pytest

from isolation.bench import main, measure, multiplied
from tests.isolation.stacks import documents
from tests.isolation.test_isolation_proofs import written


def test_more_tenants_are_more_of_the_same_questions() -> None:
    few, many = measure(documents(), 10), measure(documents(), 40)
    assert few.verdict == many.verdict == "PROVED"
    assert many.asked == 4 * few.asked
    assert many.solved == few.solved


def test_each_tenant_is_a_copy_under_its_own_name() -> None:
    stacks = multiplied(documents(), 3)
    assert sorted(stacks) == [f"tenant-tenant{number:04d}-test" for number in range(3)]
    assert "acme-corp" not in repr(stacks)


def test_the_benchmark_prints_times_and_their_share_of_the_limit(
    tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = written(tmp_path_factory.mktemp("bench"), documents())
    assert main([str(folder), "10"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1] for line in lines[:3]] == ["1", "5", "10"]
    assert "of the 15 s that 10 tenants may take" in lines[3]
    assert main([str(folder / "none")]) == 2
