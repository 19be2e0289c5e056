"""How far a tenant's retirement is: one file of JSON, replaced as a whole after each step, without any of its data."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal, get_args

from config.problems import ConfigurationError, Problem
from fleet.output import written
from fleet.retirement.request import Request
from fleet.rollout.records import RolloutFolder, now

Step = Literal[
    "approved",
    "disabled",
    "exported",
    "unprotected",
    "destroyed",
    "removed",
    "verified",
    "registered",
    "receipt",
]
SILO_STEPS: Final[tuple[Step, ...]] = (
    "approved",
    "disabled",
    "exported",
    "unprotected",
    "destroyed",
    "verified",
    "registered",
    "receipt",
)
PLATFORM_STEPS: Final[tuple[Step, ...]] = (
    "approved",
    "disabled",
    "exported",
    "unprotected",
    "registered",
    "removed",
    "verified",
    "receipt",
)
"""A Fargate tenant leaves the registry first: what it had leaves by a release that no longer has it."""
BOTH_STEPS: Final[tuple[Step, ...]] = (*PLATFORM_STEPS[:4], "destroyed", *PLATFORM_STEPS[4:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """A tenant's retirement from one environment.

    Attributes:
        tenant: id.
        release: digest of the release that its stacks were first looked at with.
        stacks: kind (`silo`, `platform`) by stack id.
        request: who asked, who approved, and what is done with the data.
        receipts: where the receipt is kept: a folder, or `s3://bucket/prefix`.
        started_at: in UTC.
        done: steps that are done, with what each found, by name; each has `at`.
        resources: what the tenant had, by `stack/address`: type, id, and ARN where it has one. Never other attributes.
    """

    tenant: str
    release: str
    stacks: Mapping[str, str]
    request: Request
    receipts: str
    started_at: str
    done: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    resources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def steps(self) -> tuple[Step, ...]:
        """All steps, in their order, by what the tenant has."""
        kinds = set(self.stacks.values())
        if kinds == {"silo"}:
            return SILO_STEPS
        return PLATFORM_STEPS if kinds == {"platform"} else BOTH_STEPS

    @property
    def left(self) -> tuple[Step, ...]:
        """The steps that are not done."""
        return tuple(step for step in self.steps if step not in self.done)

    def with_step(self, step: Step, found: Mapping[str, Any]) -> Retirement:
        """Return it with `step` done now."""
        return replace(self, done={**self.done, step: {"at": now(), **found}})


@dataclass(frozen=True, slots=True, kw_only=True)
class RetirementFolder:
    """Where retirements are kept: below the rollouts of the environment.

    Attributes:
        rollouts: folder of the rollouts.
    """

    rollouts: RolloutFolder

    def file(self, tenant: str) -> Path:
        """Where the record of `tenant` is."""
        return self.rollouts.path / "retirements" / f"{tenant}.json"

    @property
    def work(self) -> Path:
        """Where Terraform has its files while it runs."""
        return self.rollouts.path / "work" / "retirement"

    def tenants(self) -> list[str]:
        """Return who has a record, sorted."""
        return sorted(file.stem for file in (self.rollouts.path / "retirements").glob("*.json"))

    def read(self, tenant: str) -> Retirement | None:
        """Return the record of `tenant`; `None` where there is none.

        Raises:
            ConfigurationError: it cannot be read, or is none.
        """
        file = self.file(tenant)
        try:
            document = json.loads(file.read_text())
            found = Retirement(**{**document, "request": Request(**document["request"])})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise _unreadable(file, error) from None
        if found.tenant != tenant or not set(found.done) <= set(get_args(Step)):
            raise _unreadable(file, ValueError("another record"))
        return found

    def write(self, retirement: Retirement) -> None:
        """Keep `retirement` in place of the one before.

        Raises:
            ConfigurationError: it cannot be written.
        """
        written(self.file(retirement.tenant), json.dumps(asdict(retirement), indent=1) + "\n")

    @contextmanager
    def alone(self, tenant: str, stacks: Sequence[str]) -> Iterator[None]:
        """Keep rollouts of this folder, workers of `stacks`, and other retirements out; the process's end releases it.

        Raises:
            ConfigurationError: one of them runs.
        """
        names = ["engine.lock", f"retirement-{tenant}.lock", *(f"{stack}.lock" for stack in stacks)]
        with _locked([self.rollouts.lock(name) for name in names]):
            yield


@contextmanager
def _locked(files: Sequence[Path]) -> Iterator[None]:
    if not files:
        yield
        return
    first, *others = files
    try:
        first.parent.mkdir(parents=True, exist_ok=True)
        lock = first.open("w")
    except OSError as error:
        problem = Problem(where=str(first), received=error.strerror, expected="a file that can be locked")
        raise ConfigurationError([problem]) from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            expected = (
                "no rollout, worker or retirement of these stacks at the same time; wait, or `pause` it"
            )
            problem = Problem(where=str(first), received="one that is running", expected=expected)
            raise ConfigurationError([problem]) from None
        with _locked(others):
            yield


def _unreadable(file: Path, error: Exception) -> ConfigurationError:
    received = error.strerror if isinstance(error, OSError) else type(error).__name__
    expected = "the record of a retirement; restore it, since nothing else says what was done"
    return ConfigurationError([Problem(where=str(file), received=received, expected=expected)])
