"""The worker: gives one stack one release, and records how that ended.

Killed at any moment, the next run goes on: what it needs is in the release and in Terraform's state, what it leaves is
removed then, and Terraform, which outlives it, is waited for by Terraform's own lock.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from config.problems import ConfigurationError, Problem, Refusal, one_line
from fleet.release.opening import NAMED, opened
from fleet.release.store import FOLDER as RELEASES
from fleet.release.store import Release
from fleet.rollout.asking import asked
from fleet.rollout.places import SCHEME, rollouts_at
from fleet.rollout.records import FOLDER, Record, RolloutFolder, now
from fleet.rollout.stack_root import EndedError
from fleet.rollout.steps import Attempt
from terraform.enduring import plain_environment
from terraform.errors import TerraformError
from terraform.runner import Terraform

ROOT: Final = Path(__file__).resolve().parent.parent.parent
LOCK_SECONDS: Final = 600
"""How long a worker waits for the lock on the state: longer than a silo's apply takes."""

LOCK_WAS_FREE: Final = frozenset({"guard", "apply", "check", "done"})
"""Steps that are reached once a plan has had the lock on the state."""


class WaitingError(ConfigurationError):
    """The rollout was asked to pause, or to end, before this stack began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a worker is to do.

    Attributes:
        release: that the stack gets.
        stack: its id.
        folder: of the rollouts.
        base: the checkout that paths of local states are relative to.
        lock_seconds: how long it waits for the lock on the state.
        shown: told what Terraform prints; it may be secret.
    """

    release: Release
    stack: str
    folder: RolloutFolder
    base: Path = ROOT
    lock_seconds: int = LOCK_SECONDS
    shown: Callable[[str], None] = lambda _: None


def work(task: Task, environment: Mapping[str, str], *, stopping: Callable[[], bool]) -> Record:
    """Give the stack its release, unless it has it, and return the record of that.

    Args:
        task: what is to be done.
        environment: what Terraform sees.
        stopping: whether somebody asked it to end; nothing ends it once the apply has begun.

    Raises:
        ConfigurationError: the release has no such stack, the registry holds it, a tenant in it is being retired, the
            rollout is paused or aborted, or something cannot be read or written.
    """
    entry = task.release.manifest.stacks.get(task.stack)
    if entry is None:
        raise _refusal(task.stack, f"a stack of the release {task.release.name}")
    if entry.held:
        raise _refusal(
            f"{task.stack}, which the registry holds (release: paused)", "a stack that is not held"
        )
    with _alone(task):
        if asked(task.folder, task.release.digest) != "go":
            waits = f"the rollout of {task.release.name}, which is to wait"
            raise WaitingError([Problem(where="worker", received=waits, expected="one that goes on")])
        leaving = sorted(task.folder.leaving() & set(entry.tenants))
        if leaving:
            raise _refusal(
                f"{task.stack}, whose tenant {leaving[0]} is retired", "a stack that nobody leaves"
            )
        before = task.folder.record(task.stack)
        same = before is not None and before.release == task.release.digest
        if before is not None and same and before.outcome == "succeeded":
            return before
        return _attempt(task, environment, stopping, attempts=before.attempts + 1 if before and same else 1)


def _attempt(
    task: Task, environment: Mapping[str, str], stopping: Callable[[], bool], *, attempts: int
) -> Record:
    record = Record(
        stack=task.stack,
        release=task.release.digest,
        content=task.release.manifest.stacks[task.stack].content,
        outcome="running",
        attempts=attempts,
        started_at=now(),
    )
    # A name of its own: Terraform of an attempt that was killed may still be in the one before.
    root = task.folder.work(task.stack) / f"{attempts}-{os.getpid()}"

    def reached(step: str) -> None:
        nonlocal record
        record = replace(record, step=step)
        task.folder.write(record)

    task.folder.tell(event="started", release=task.release.digest, stack=task.stack, attempt=attempts)
    attempt = None
    try:
        with Terraform(plain_environment(environment)) as terraform:
            attempt = Attempt(
                release=task.release,
                stack=task.stack,
                folder=root,
                terraform=terraform,
                base=task.base,
                lock_seconds=task.lock_seconds,
                reached=reached,
                stopping=stopping,
                printed=task.shown,
            )
            attempt.run()
        ended = replace(record, outcome="succeeded", step="done")
    except EndedError as end:
        ended = replace(record, outcome=end.outcome, error=str(end), refused=end.refused)
    except ConfigurationError as error:
        ended = replace(record, outcome="failed", error=one_line(str(error)))
    except TerraformError as error:
        # Where Terraform ran, the message ends with what it printed.
        said = "Terraform failed" if error.output else one_line(str(error))
        ended = replace(record, outcome="failed", error=said)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    if ended.step in LOCK_WAS_FREE:
        # Nobody is in what attempts left that were killed.
        shutil.rmtree(root.parent, ignore_errors=True)
    changed = attempt.changed if attempt else None
    if changed is not None:
        ended = replace(ended, changes=changed.counts, plan=changed.digest)
    ended = replace(ended, ended_at=now())
    task.folder.write(ended)
    task.folder.tell(
        event=ended.outcome, release=ended.release, stack=ended.stack, changes=dict(ended.changes)
    )
    return ended


@contextmanager
def _alone(task: Task) -> Iterator[None]:
    """Wait for another worker of the stack on this machine; its end releases the lock, however it ends."""
    file = task.folder.lock(f"{task.stack}.lock")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        lock = file.open("w")
    except OSError as error:
        problem = Problem(where=str(file), received=error.strerror, expected="a file that can be locked")
        raise ConfigurationError([problem]) from None
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _refusal(received: str, expected: str) -> ConfigurationError:
    return ConfigurationError([Problem(where="worker", received=received, expected=expected)])


def add_options(command: argparse.ArgumentParser) -> None:
    """Add the options of a worker."""
    command.add_argument("release", metavar="RELEASE", help=NAMED)
    command.add_argument("stack", metavar="STACK", help="id of the stack")
    add_common_options(command)
    command.add_argument(
        "--show", action="store_true", help="print what Terraform prints to standard error; it may be secret"
    )


def add_common_options(command: argparse.ArgumentParser, *, finds: bool = False) -> None:
    """Add what all commands of a rollout share.

    Args:
        command: that gets them.
        finds: whether it finds the records by itself where nobody says where they are: `None` is the default then.
    """
    where = f"the table of the environment's delivery, or {FOLDER}" if finds else f"{FOLDER}"
    command.add_argument(
        "--releases", default=RELEASES, type=Path, metavar="FOLDER", help=f"where releases are ({RELEASES})"
    )
    command.add_argument(
        "--folder",
        default=None if finds else str(FOLDER),
        metavar="FOLDER",
        help=f"records and events: a folder, or {SCHEME}TABLE ({where})",
    )
    command.add_argument(
        "--base", default=ROOT, type=Path, metavar="FOLDER", help="what local states are relative to (here)"
    )
    command.add_argument(
        "--lock-timeout",
        default=LOCK_SECONDS,
        type=int,
        metavar="SECONDS",
        help=f"how long to wait for a lock on the state ({LOCK_SECONDS})",
    )


def run(options: argparse.Namespace) -> Record:
    """Do what `options` say, and return the record; a signal ends it where nothing has been changed yet.

    Raises:
        ConfigurationError: it cannot be done.
    """
    stopped = False

    def stop(*_: object) -> None:
        nonlocal stopped
        stopped = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    release = opened(options.release, store=options.releases, stack=options.stack)
    folder = rollouts_at(options.folder)
    return work(
        Task(
            release=release,
            stack=options.stack,
            folder=folder,
            base=options.base.resolve(),
            lock_seconds=options.lock_timeout,
            shown=(lambda text: print(text, file=sys.stderr)) if options.show else lambda _: None,
        ),
        os.environ,
        # The engine of this machine sends a signal as well; elsewhere nobody can.
        stopping=lambda: stopped or asked(folder, release.digest) == "abort",
    )


def described(record: Record) -> str:
    """Return `record` in one line."""
    changes = ", ".join(f"{count} {name}d" for name, count in record.changes.items()) or "nothing to change"
    said = {
        "succeeded": changes,
        "refused": "; ".join(record.refused),
        "stopped": f"before {record.step or 'it began'}",
    }.get(record.outcome, record.error)
    at = f" at {record.step}" if record.outcome in {"failed", "locked"} else ""
    return f"{record.stack}: {record.outcome}{at}: {said}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a worker, which an engine has started; return the exit code.

    On AWS it is the outcome of a build, and a build that was not to begin, or that stopped before it changed anything,
    has not failed.
    """
    parser = argparse.ArgumentParser(prog="python -m fleet.rollout.worker", description=__doc__)
    add_options(parser)
    options = parser.parse_args(arguments)
    on_aws = options.folder.startswith(SCHEME)
    try:
        record = run(options)
    except WaitingError as waiting:
        print(f"worker: {waiting}", file=sys.stderr)
        return 0 if on_aws else waiting.exit_code
    except Refusal as refusal:
        print(f"worker: {refusal}", file=sys.stderr)
        return refusal.exit_code
    # Of an engine on this machine nobody reads it; on AWS it is what the log of the build says.
    print(described(record), flush=True)
    return 0 if record.outcome in ({"succeeded", "stopped"} if on_aws else {"succeeded"}) else 1


if __name__ == "__main__":
    sys.exit(main())
