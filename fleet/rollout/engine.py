"""The engine of one machine: a process for each worker, as many at once as the release says.

It keeps nothing of its own: who is where is in the records. Killed, the next one goes on.
"""

from __future__ import annotations

import fcntl
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from config.problems import ConfigurationError, Problem
from fleet.release.store import Release
from fleet.rollout.asking import Asked, asked
from fleet.rollout.deciding import Bake, Decision, Ended, News, Observe, Start, State, decide, states_of
from fleet.rollout.health import HealthLook, HealthSource
from fleet.rollout.records import FAILURES, Record, RolloutFolder, now
from fleet.rollout.verdicts import WaveVerdict, verdicts_of

LOOK_SECONDS: Final = 0.1
"""Between two looks at the workers, and at what was asked."""


@dataclass(kw_only=True)
class Engine:
    """A rollout on this machine.

    Attributes:
        release: that is rolled out.
        folder: of the rollouts.
        options: of each worker.
        environment: of each worker.
        told: each decision that is not the one before, each record of a worker that has ended, and each verdict.
        concurrency: workers at once, at most.
        monitoring: makes what is asked how a wave is.
    """

    release: Release
    folder: RolloutFolder
    options: Sequence[str]
    environment: Mapping[str, str]
    told: Callable[[News], None]
    concurrency: int
    monitoring: Callable[[], HealthSource]
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)
    _records: dict[str, Record | None] = field(default_factory=dict)
    _again: set[str] = field(default_factory=set)
    _verdicts: dict[str, WaveVerdict] = field(default_factory=dict)
    _interrupted: bool = False

    def run(self, *, retry: bool = False) -> Ended:
        """Roll the release out until there is nothing more to start.

        Args:
            retry: whether stacks at which it failed are tried again, and waves that were unhealthy looked at again.

        Raises:
            ConfigurationError: another engine runs in this folder, records cannot be read or written, or CloudWatch
                does not say how a wave is.
        """
        with self._alone(), self._interruptible():
            self.release.verify()
            self._records = self.folder.records(self.release.manifest.stacks)
            self._verdicts = verdicts_of(self.folder, self.release.digest, self.release.manifest)
            if retry:
                self._verdicts = {
                    wave: verdict for wave, verdict in self._verdicts.items() if verdict.health != "unhealthy"
                }
                self._again = {stack for stack, state in self._states().items() if state in FAILURES}
            self.folder.tell(event="rollout started", release=self.release.digest)
            ended = self._until_ended()
            self.folder.tell(event=f"rollout {ended.how}", release=self.release.digest)
            return ended

    def _until_ended(self) -> Ended:
        last: Decision | None = None
        while True:
            self._collect()
            what = self._asked()
            if what == "abort":
                self._stop_workers()
            decision = decide(
                self.release.manifest.waves,
                self._states(),
                running=self._running.keys(),
                records=self._records,
                verdicts=None if self.release.manifest.watching is None else self._verdicts,
                asked=what,
                concurrency=self.concurrency,
                now=datetime.now(tz=UTC),
            )
            if decision != last and isinstance(decision, Start | Bake):
                self.told(decision)
            last = decision
            if isinstance(decision, Ended):
                return decision
            if isinstance(decision, Start):
                for stack in decision.stacks:
                    self._start(stack)
            elif isinstance(decision, Observe):
                self._observe(decision)
            else:
                time.sleep(LOOK_SECONDS)

    def _states(self) -> dict[str, State]:
        manifest, leaving = self.release.manifest, self.folder.leaving()
        states = states_of(manifest, self.release.digest, self._records, leaving)
        return {
            stack: "waiting" if stack in self._again and state != "leaving" else state
            for stack, state in states.items()
        }

    def _observe(self, decision: Observe) -> None:
        look = HealthLook(
            release=self.release, wave=decision.wave, folder=self.folder, monitoring=self.monitoring()
        )
        verdict = look.run()
        self._verdicts[decision.wave.name] = verdict
        self.told(verdict)

    def _asked(self) -> Asked:
        return "pause" if self._interrupted else asked(self.folder, self.release.digest)

    def _start(self, stack: str) -> None:
        self._again.discard(stack)
        command = [sys.executable, "-m", "fleet.rollout.worker"]
        command += [str(self.release.store.resolve() / self.release.digest), stack, *self.options]
        # Ctrl-C reaches the engine, and not the workers.
        self._running[stack] = subprocess.Popen(  # noqa: S603
            command,
            cwd=Path(__file__).resolve().parent.parent.parent,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _collect(self) -> None:
        """Take in the workers that have ended."""
        for stack, process in list(self._running.items()):
            code = process.poll()
            if code is None:
                continue
            del self._running[stack]
            record = self.folder.record(stack)
            if record is None or record.release != self.release.digest or record.outcome == "running":
                record = self._lost(stack, record, code)
            self._records[stack] = record
            if record is not None:
                self.told(record)

    def _lost(self, stack: str, record: Record | None, code: int) -> Record | None:
        """Write the record of a worker that ended without one; none where it was not to begin."""
        if record is None or record.release != self.release.digest:
            if self._asked() != "go":
                return record
            record = Record(
                stack=stack,
                release=self.release.digest,
                content=self.release.manifest.stacks[stack].content,
                outcome="running",
                attempts=1,
                started_at=now(),
            )
        lost = replace(record, outcome="failed", error=f"the worker ended with {code}", ended_at=now())
        self.folder.write(lost)
        self.folder.tell(event=lost.outcome, release=lost.release, stack=stack, changes={})
        return lost

    def _stop_workers(self) -> None:
        """Ask the workers to end; one that applies ends its apply."""
        for process in self._running.values():
            process.send_signal(signal.SIGTERM)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        file = self.folder.lock("engine.lock")
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            lock = file.open("w")
        except OSError as error:
            raise _refusal(str(file), str(error.strerror), "a file that can be locked") from None
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                expected = "one rollout at a time; `python -m fleet status RELEASE` shows it"
                raise _refusal(str(self.folder.path), "a rollout that is running", expected) from None
            yield

    @contextmanager
    def _interruptible(self) -> Iterator[None]:
        """Take an interruption as a pause that nobody has to take back: who runs finishes."""

        def interrupt(*_: object) -> None:
            self._interrupted = True

        before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _refusal(where: str, received: str, expected: str) -> ConfigurationError:
    return ConfigurationError([Problem(where=where, received=received, expected=expected)])
