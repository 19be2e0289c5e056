"""A part of the analysis in a process of its own gives what it gives in this one."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable

import pytest

from isolation.rendering.machine import as_json
from isolation.synthesized.input_error import InputError
from isolation.verdict import analysis
from isolation.verdict.analysis import analyse
from isolation.verdict.beside import Beside
from tests.isolation.stacks import documents

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing is forked")


@pytest.fixture
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    # What runs the tests may have threads of its own.
    monkeypatch.setattr(threading, "active_count", lambda: 1)


@pytest.mark.usefixtures("_two_cores")
def test_the_work_is_done_in_another_process() -> None:
    assert Beside(os.getpid, worthwhile=True).result() != os.getpid()


@pytest.mark.usefixtures("_two_cores")
def test_small_work_is_done_here() -> None:
    assert Beside(os.getpid, worthwhile=False).result() == os.getpid()


@pytest.mark.usefixtures("_two_cores")
def test_a_process_with_other_threads_does_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threading, "active_count", lambda: 2)

    assert Beside(os.getpid, worthwhile=True).result() == os.getpid()


@pytest.mark.usefixtures("_two_cores")
def test_one_core_does_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0})

    assert Beside(os.getpid, worthwhile=True).result() == os.getpid()


@pytest.mark.usefixtures("_two_cores")
def test_an_error_there_is_the_callers_error() -> None:
    def refuse() -> None:
        raise InputError("stack", "nothing", "something")

    with pytest.raises(InputError, match="received nothing"):
        Beside(refuse, worthwhile=True).result()


@pytest.mark.usefixtures("_two_cores")
def test_a_process_that_is_killed_loses_nothing() -> None:
    here = os.getpid()

    def killed_elsewhere() -> str:
        if os.getpid() != here:
            os.kill(os.getpid(), 9)
        return "done"

    assert Beside(killed_elsewhere, worthwhile=True).result() == "done"


@pytest.mark.usefixtures("_two_cores")
def test_the_report_is_the_same_in_one_process_and_in_two(monkeypatch: pytest.MonkeyPatch) -> None:
    forked: list[bool] = []

    class Watched(Beside[object]):
        def __init__(self, work: Callable[[], object], *, worthwhile: bool) -> None:
            forked.append(worthwhile)
            super().__init__(work, worthwhile=worthwhile)

    monkeypatch.setattr(analysis, "Beside", Watched)
    reports = []
    for least in (0, 1_000_000):
        monkeypatch.setattr(analysis, "MANY_TARGETS", least)
        reports.append(analyse(documents()))

    assert forked == [True, False]
    assert as_json(reports[0]) == as_json(reports[1])
    assert (reports[0].asked, reports[0].solved) == (reports[1].asked, reports[1].solved)
