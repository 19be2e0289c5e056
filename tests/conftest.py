"""What all tests share. jsii is prepared before any test imports `cdktf` or `constructs`."""

import synthesis.jsii  # noqa: F401, I001 (first)
import tests.descriptions  # before the first session
import tests.unchecked  # noqa: F401 (before cdktf)

import os
from collections import Counter
from collections.abc import Generator
from pathlib import Path

import pytest
from coverage import Coverage
from hypothesis import settings

from progress.showing import OFF
from tests.scheduling import in_order

# On a busy machine it would be in what tests read.
os.environ.update(OFF)

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("any_machine", deadline=None)
# For `make check` (`--hypothesis-profile=quick`): fewer examples, the explicit ones among them.
settings.register_profile("quick", deadline=None, max_examples=15)
settings.load_profile("any_machine")

COVERED = Path(__file__).with_name("lambda_src")
"""The tests that `make test` measures the coverage of `lambda_src` with."""
_stopped: list[Coverage] = []


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """Measure coverage, where it is measured at all, in the tests of `COVERED` alone.

    Python calls the measuring for every function of the process, whatever is measured: the prover's tests, which
    compute, take three times as long with it.
    """
    if item.path.is_relative_to(COVERED):
        while _stopped:
            _stopped.pop().start()
    else:
        # A worker of pytest-xdist has two: the one that is stopped last goes on first.
        while measuring := Coverage.current():
            measuring.stop()
            _stopped.append(measuring)
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give the files to the workers of pytest-xdist in a better order than that of their names."""
    if hasattr(config, "workerinput"):
        counts = Counter(_file(item) for item in items)
        places = {file: place for place, file in enumerate(in_order(counts))}
        items.sort(key=lambda item: places[_file(item)])


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]
