"""What is known of each stack: who deployed which release to it last, and how that ended.

A record is one file of JSON, replaced as a whole. Neither values nor plans are in it.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, get_args

from config.problems import ConfigurationError, Problem
from fleet.output import written

Outcome = Literal["running", "succeeded", "failed", "refused", "locked", "stopped"]
FAILURES: Final = frozenset({"failed", "refused", "locked"})
FOLDER: Final = Path("build/rollouts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """The last attempt at one stack.

    Attributes:
        stack: its id.
        release: digest of the release.
        content: digest of what the stack is in that release, whoever committed it.
        outcome: how it ended, or `running`. `refused` is by the guard, `locked` by somebody's lock on the state;
            `stopped` ended before anything was changed, because it was asked to.
        attempts: number of attempts with this release, this one included.
        step: that it has reached.
        changes: what the plan did, by kind of change; none where there was nothing to do.
        plan: digest of what it did; empty where nothing was planned.
        refused: what the guard refused, one line each.
        error: why it failed, without any value.
        started_at: in UTC, `2026-11-27T20:15:00Z`.
        ended_at: likewise; `None` while it runs.
    """

    stack: str
    release: str
    content: str
    outcome: Outcome
    attempts: int
    step: str = ""
    changes: Mapping[str, int] = field(default_factory=dict)
    plan: str = ""
    refused: tuple[str, ...] = ()
    error: str = ""
    started_at: str
    ended_at: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutFolder:
    """Where records, events and what was asked are.

    Attributes:
        path: of the folder, one for an environment.
    """

    path: Path

    def work(self, stack: str) -> Path:
        """Where a worker of `stack` has its files while it runs."""
        return self.path / "work" / stack

    def lock(self, name: str) -> Path:
        """A file that is locked while something runs: `engine`, or a stack's worker."""
        return self.path / "locks" / name

    def stacks(self) -> list[str]:
        """Return the stacks that have a record, sorted."""
        return sorted(file.stem for file in (self.path / "records").glob("*.json"))

    def record(self, stack: str) -> Record | None:
        """Return the record of `stack`; `None` where nobody has deployed it.

        Raises:
            ConfigurationError: it cannot be read, or is none.
        """
        file = self.path / "records" / f"{stack}.json"
        try:
            text = file.read_text()
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise _unreadable(str(file), error) from None
        return decoded(text, stack, where=str(file))

    def records(self, stacks: Iterable[str]) -> dict[str, Record | None]:
        """Return the record of each of `stacks`.

        Raises:
            ConfigurationError: one cannot be read, or is none.
        """
        return {stack: self.record(stack) for stack in stacks}

    def write(self, record: Record) -> None:
        """Keep `record` in place of the one before.

        Raises:
            ConfigurationError: it cannot be written.
        """
        file = self.path / "records" / f"{record.stack}.json"
        written(file, encoded(record))

    def forget(self, stack: str) -> None:
        """Remove the record of `stack`, which is gone.

        Raises:
            ConfigurationError: it cannot be removed.
        """
        file = self.path / "records" / f"{stack}.json"
        try:
            file.unlink(missing_ok=True)
        except OSError as error:
            problem = Problem(where=str(file), received=error.strerror, expected="a file that can be removed")
            raise ConfigurationError([problem]) from None

    def leave(self, tenant: str) -> None:
        """Say that `tenant` leaves: no worker deploys a stack that has it any more.

        Raises:
            ConfigurationError: it cannot be written.
        """
        written(self.path / "leaving" / tenant, f"{now()}\n")

    def leaving(self) -> frozenset[str]:
        """Return who leaves, or has left."""
        return frozenset(file.name for file in (self.path / "leaving").glob("[a-z0-9]*"))

    def place_of_asked(self, release: str) -> str:
        """Name where it is kept what was asked of the rollout of `release`."""
        return str(self.path / "asked" / release)

    def asked(self, release: str) -> str | None:
        """Return the word that was asked last of the rollout of `release`; `None` where nobody asked.

        Raises:
            ConfigurationError: it cannot be read.
        """
        text = _text(Path(self.place_of_asked(release)))
        return None if text is None else text.strip()

    def ask(self, release: str, word: str) -> None:
        """Keep `word` as what was asked last of the rollout of `release`.

        Raises:
            ConfigurationError: it cannot be written.
        """
        written(self.path / "asked" / release, f"{word}\n")

    def place_of_verdict(self, release: str, wave: str) -> str:
        """Name where it is kept how a wave of `release` is."""
        return str(self.path / "verdicts" / release / f"{wave}.json")

    def verdict(self, release: str, wave: str) -> str | None:
        """Return what was kept of the health of a wave of `release`; `None` where nobody has looked.

        Raises:
            ConfigurationError: it cannot be read.
        """
        return _text(Path(self.place_of_verdict(release, wave)))

    def keep_verdict(self, release: str, wave: str, text: str) -> None:
        """Keep `text` as what is known of the health of a wave of `release`.

        Raises:
            ConfigurationError: it cannot be written.
        """
        written(Path(self.place_of_verdict(release, wave)), text)

    def tell(self, **event: Any) -> None:  # noqa: ANN401 (any JSON)
        """Add one line to the events.

        Raises:
            ConfigurationError: it cannot be written.
        """
        line = json.dumps({"at": now(), **event}) + "\n"
        file = self.path / "events.jsonl"
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                # One write: lines of several workers do not mix.
                os.write(descriptor, line.encode())
            finally:
                os.close(descriptor)
        except OSError as error:
            problem = Problem(where=str(file), received=error.strerror, expected="a file that can be written")
            raise ConfigurationError([problem]) from None


def encoded(record: Record) -> str:
    """Return `record` as JSON."""
    return json.dumps(asdict(record), indent=1) + "\n"


def decoded(text: str, stack: str, *, where: str) -> Record:
    """Return the record of `stack` that `text` is.

    Args:
        text: JSON.
        stack: id of the stack.
        where: it was read, for the message.

    Raises:
        ConfigurationError: it is no record, or another stack's.
    """
    try:
        document = json.loads(text)
        record = Record(**{**document, "refused": tuple(document["refused"])})
    except (ValueError, TypeError, KeyError) as error:
        raise _unreadable(where, error) from None
    if record.stack != stack or record.outcome not in get_args(Outcome):
        raise _unreadable(where, ValueError("another record"))
    return record


def _text(file: Path) -> str | None:
    """Return what is in `file`; `None` where there is none."""
    try:
        return file.read_text()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        expected = "a file that can be read"
        raise ConfigurationError([Problem(where=str(file), received=str(error), expected=expected)]) from None


def _unreadable(where: str, error: Exception) -> ConfigurationError:
    received = error.strerror if isinstance(error, OSError) else type(error).__name__
    return ConfigurationError(
        [Problem(where=where, received=received, expected="a record of a worker; remove it to begin anew")]
    )


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(tz=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
