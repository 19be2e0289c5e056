"""Emulators for the tests of this folder: with all shims and with none, without and with IAM enforced."""

from collections.abc import Iterator

import pytest

from emulator.server import Emulator


@pytest.fixture(scope="session")
def shimmed() -> Iterator[Emulator]:
    with Emulator() as emulator:
        yield emulator


@pytest.fixture(scope="session")
def bare() -> Iterator[Emulator]:
    with Emulator(shims=()) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def shimmed_with_iam() -> Iterator[Emulator]:
    with Emulator(auth=True) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def bare_with_iam() -> Iterator[Emulator]:
    with Emulator(auth=True, shims=()) as emulator:
        yield emulator
