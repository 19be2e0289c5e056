"""The solver gives up by steps, which are counted, and never by the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from isolation.logic import solver
from isolation.logic.formula import Atom, Formula, conjunction, disjunction, negation
from isolation.logic.solver import Solver, SolverGaveUpError
from isolation.verdict.analysis import analyse
from tests.isolation.holes.editing import ACME, RETAIL, allow, retail_policy
from tests.isolation.stacks import documents

NESTS, PIGEONS = range(5), range(6)


def pigeons_without_nests() -> Formula:
    """Six pigeons in five nests, each in one of its own: small, and not decided without a search."""
    sits = {(pigeon, nest): Atom(f"{pigeon} in {nest}", "present") for pigeon in PIGEONS for nest in NESTS}
    some = [disjunction(sits[pigeon, nest] for nest in NESTS) for pigeon in PIGEONS]
    alone = [
        negation(conjunction([sits[one, nest], sits[other, nest]]))
        for nest in NESTS
        for one in PIGEONS
        for other in range(one)
    ]
    return conjunction([*some, *alone])


@pytest.fixture
def most_steps(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[int], None]]:
    """Limits the steps; what was answered with other limits is forgotten."""
    solver._solve.cache_clear()
    yield lambda count: monkeypatch.setattr(solver, "MOST_STEPS", count)
    solver._solve.cache_clear()


def test_a_hard_question_is_given_up_after_so_many_steps(most_steps: Callable[[int], None]) -> None:
    most_steps(500)
    for _ in range(3):
        with pytest.raises(SolverGaveUpError, match=r"^more than 500 steps$"):
            Solver().model(pigeons_without_nests())


def test_the_same_question_is_answered_with_more_steps() -> None:
    assert Solver().model(pigeons_without_nests()) is None


def test_what_is_given_up_is_unknown_and_says_after_what(most_steps: Callable[[int], None]) -> None:
    most_steps(1)
    stacks = {id_: document for id_, document in documents().items() if id_ in {ACME, RETAIL}}
    allow(retail_policy(stacks), "sqs:ReceiveMessage")
    report = analyse(stacks)
    assert report.verdict == "UNKNOWN"
    finding = report.findings["retail-co", "acme-corp", "queue"]
    assert (finding.verdict, finding.type.id) == ("UNKNOWN", "ISO-305")
    assert finding.because == ("the solver gave up: more than 1 steps",)
