"""An account to ask: the emulator, as whoever the test's environment names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from emulator.server import Emulator
from fleet.synthesized import SynthesizedStack
from preflight.account import Account
from preflight.deployment import Deployment
from tests.reaching import reach_only

REGION = "us-east-1"
Resources = Mapping[str, list[Mapping[str, Any]]]
Deploying = Callable[..., Deployment]


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(autouse=True)
def account(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """The emulator, empty, as the only AWS that this process reaches."""
    reach_only(emulator, monkeypatch)
    return emulator


def stack_of(
    id: str = "tenant-acme-test", backend: Mapping[str, Any] | None = None, **resources: Any
) -> SynthesizedStack:
    """A stack with these resources, `aws_vpc=[{...}]`."""
    return SynthesizedStack(
        id=id,
        region=REGION,
        backend=backend or {},
        folder=Path("/nowhere"),
        resources={
            kind: {f"{kind}_{number}": body for number, body in enumerate(bodies)}
            for kind, bodies in resources.items()
        },
    )


def deployment_of(*stacks: SynthesizedStack, deployed: bool = False) -> Deployment:
    """The stacks in the emulator's account; `deployed`: all have a state."""
    ids = frozenset(stack.id for stack in stacks) if deployed else frozenset()
    return Deployment(account=Account(REGION), stacks=stacks, deployed=ids)
