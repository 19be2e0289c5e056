"""The commands of a rollout: `plan`, `start`, `status`, `pause`, `resume`, `abort`, `retry`, `drift`."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Final, Protocol

from config.problems import ConfigurationError, Problem
from fleet.release.opening import NAMED, opened
from fleet.release.store import Release
from fleet.rollout import drift, status, worker
from fleet.rollout.asking import Asked, ask, asked, go_on
from fleet.rollout.deciding import Ended, News
from fleet.rollout.delivery import delivery_of
from fleet.rollout.engine import Engine
from fleet.rollout.health import HealthSource
from fleet.rollout.places import SCHEME, rollouts_at
from fleet.rollout.progress import Progress
from fleet.rollout.records import FOLDER, RolloutFolder
from fleet.rollout_settings import LONGEST_BAKE, MOST_CONCURRENT, RolloutSettings
from progress.showing import working

Options = argparse.Namespace
PROCESSES: Final = "processes"
STEP_FUNCTIONS: Final = "step-functions"
"""The two engines; both decide alike, and keep the same records."""


class Add(Protocol):
    """Adds a command to the command line."""

    def __call__(self, name: str, run: Callable[[Options], int], summary: str, /) -> argparse.ArgumentParser:
        """Return the parser of the command `name`, which `run` runs."""


def add_commands(add: Add) -> None:
    """Add the commands to the command line."""
    for name, (run, summary) in COMMANDS.items():
        command = add(name, run, summary)
        optional = "?" if name == "status" else None
        command.add_argument("release", nargs=optional, metavar="RELEASE", help=NAMED)
        worker.add_common_options(command)
        if name == "plan":
            command.add_argument(
                "--minutes-each",
                type=_minutes,
                metavar="MINUTES",
                help="of one stack: says how long it takes, and what it costs on AWS",
            )
        if name != "plan":
            _add_engine(command)
        if name in {"start", "resume", "retry"}:
            _add_concurrency(command)
    command = add(
        "drift", _drift, "what differs in AWS from the release that each stack has; changes nothing"
    )
    worker.add_common_options(command)
    _add_engine(command)
    _add_concurrency(command)


def _add_engine(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--engine",
        choices=(PROCESSES, STEP_FUNCTIONS),
        default=PROCESSES,
        help="who starts the workers, and keeps the records: processes of this machine, or the environment's delivery "
        f"on AWS ({PROCESSES})",
    )


def _minutes(text: str) -> float:
    minutes = float(text)
    if not 0 <= minutes <= LONGEST_BAKE:
        raise ValueError(text)
    return minutes


def _add_concurrency(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--concurrency",
        type=int,
        choices=range(1, MOST_CONCURRENT + 1),
        metavar="NUMBER",
        help=f"stacks at once, 1 to {MOST_CONCURRENT}; by default the release's, or 4",
    )


def _opened(options: Options) -> tuple[Release, RolloutFolder]:
    return opened(options.release, store=options.releases), _folder(options)


def _folder(options: Options) -> RolloutFolder:
    if options.engine == PROCESSES:
        return rollouts_at(options.folder)
    delivery = delivery_of(os.environ, root=worker.ROOT)
    return rollouts_at(f"{SCHEME}{delivery.table}", region=delivery.region)


def _plan(options: Options) -> int:
    release = opened(options.release, store=options.releases)
    each = options.minutes_each
    _show(options, status.plan_document(release, each), status.plan_text(release, each))
    return 0


def _status(options: Options) -> int:
    if options.release is None:
        whole = _folder(options)
        releases = status.fleet_document(whole)
        _show(options, releases, status.fleet_text(whole))
        return 1 if any(status.failed(stacks) for stacks in releases.values()) else 0
    release, folder = _opened(options)
    what = asked(folder, release.digest)
    _show(options, status.status_document(release, folder, what), status.status_text(release, folder, what))
    states = status.states_in(release, folder)
    return 1 if status.failed(states) else 0


def _start(options: Options) -> int:
    release, folder = _opened(options)
    if asked(folder, release.digest) == "pause":
        raise _refusal(release, "a rollout that is paused", "`resume`, or `abort`")
    return _roll_out(options, release, folder)


def _resume(options: Options) -> int:
    release, folder = _opened(options)
    if asked(folder, release.digest) != "pause":
        raise _refusal(release, "a rollout that is not paused", "`pause` before, or `start`")
    return _roll_out(options, release, folder)


def _retry(options: Options) -> int:
    release, folder = _opened(options)
    if asked(folder, release.digest) != "go":
        raise _refusal(release, "a rollout that is to wait", "`resume` or `start` before")
    return _roll_out(options, release, folder, retry=True)


def _drift(options: Options) -> int:
    search = drift.Search(
        folder=_folder(options),
        releases=options.releases,
        base=options.base.resolve(),
        environment=os.environ,
        concurrency=options.concurrency or RolloutSettings().concurrency,
    )
    with working("planning what is deployed"):
        found = search.run()
    _show(options, drift.document(found), drift.text(found))
    return 1 if any(one.lines or one.error for one in found) else 0


def _asking(what: Asked) -> Callable[[Options], int]:
    def run(options: Options) -> int:
        release, folder = _opened(options)
        ask(folder, release.digest, what)
        said = {
            "pause": "nobody else begins",
            "abort": "nobody else begins, and who has not applied yet ends",
        }
        _show(
            options,
            {"release": release.digest, "asked": what},
            f"release {release.name}: {said[what]}; who applies finishes",
        )
        return 0

    return run


COMMANDS: Final[Mapping[str, tuple[Callable[[Options], int], str]]] = {
    "plan": (_plan, "the waves of a rollout, before it starts"),
    "start": (_start, "roll a release out, or go on where a rollout was stopped"),
    "status": (
        _status,
        "where each stack is in a rollout, and what failed; without a release, who has which",
    ),
    "pause": (_asking("pause"), "let nobody else begin; who runs finishes"),
    "resume": (_resume, "go on with a rollout that was paused"),
    "abort": (_asking("abort"), "end a rollout without ending an apply"),
    "retry": (_retry, "try again where a rollout failed, then go on"),
}


def _roll_out(options: Options, release: Release, folder: RolloutFolder, *, retry: bool = False) -> int:
    concurrency = options.concurrency or release.manifest.concurrency
    with working(f"rolling {release.name} out") as work:
        told = (lambda _: None) if options.json else Progress(work.say).tell
        if options.engine == STEP_FUNCTIONS:
            ended = _on_aws(release, told, concurrency, retry=retry)
        else:
            go_on(folder, release)
            ended = Engine(
                release=release,
                folder=folder,
                options=[
                    f"--folder={options.folder if options.folder.startswith(SCHEME) else folder.path}",
                    f"--base={options.base.resolve()}",
                    f"--lock-timeout={options.lock_timeout}",
                ],
                environment=os.environ,
                told=told,
                concurrency=concurrency,
                monitoring=_cloudwatch,
            ).run(retry=retry)
    what = asked(folder, release.digest)
    document = status.status_document(release, folder, what)
    _show(options, {**document, "ended": ended.how}, said(ended, release, folder, engine=options.engine))
    return 0 if ended.how == "finished" and not document["failures"] else 1


def _on_aws(release: Release, told: Callable[[News], None], concurrency: int, *, retry: bool) -> Ended:
    # Imported here: nothing else needs the AWS SDK, which takes longer to import than the rest to run.
    from fleet.rollout.execution import ExecutionEngine  # noqa: PLC0415
    from fleet.rollout.table import RolloutTable  # noqa: PLC0415

    delivery = delivery_of(os.environ, root=worker.ROOT)
    path = FOLDER.resolve() / delivery.table
    return ExecutionEngine(
        release=release,
        delivery=delivery,
        table=RolloutTable(path=path, table=delivery.table, region=delivery.region),
        told=told,
        concurrency=concurrency,
    ).run(retry=retry)


def _cloudwatch() -> HealthSource:
    # Imported here: nothing else needs the AWS SDK, which takes longer to import than the rest to run.
    from fleet.rollout.monitoring import CloudWatch  # noqa: PLC0415

    return CloudWatch()


def said(ended: Ended, release: Release, folder: RolloutFolder, *, engine: str = PROCESSES) -> str:
    """Return how a rollout ended, for people: in the end the line that says what to do."""
    what = asked(folder, release.digest)
    name = release.name if engine == PROCESSES else f"{release.name} --engine {engine}"
    last = {
        "finished": "finished",
        "halted": f"halted: {_halted(ended, name)}",
        "paused": f"paused; `python -m fleet {'resume' if what == 'pause' else 'start'} {name}` goes on",
        "aborted": f"aborted; `python -m fleet start {name}` goes on, an earlier release rolls back",
    }[ended.how]
    return f"{status.status_text(release, folder, what)}\n{last}"


def _halted(ended: Ended, name: str) -> str:
    retry = f"`python -m fleet retry {name}`"
    if ended.reasons and ended.wave:
        return f"wave {ended.wave.name} is unhealthy; {retry} looks again, an earlier release rolls back"
    tolerated = ended.wave.tolerated if ended.wave else 0
    return f"{ended.failures} failed, {tolerated} tolerated; {retry} tries them again"


def _show(options: Options, document: object, text: str) -> None:
    print(json.dumps(document, indent=2) if options.json else text)
    sys.stdout.flush()


def _refusal(release: Release, received: str, expected: str) -> ConfigurationError:
    return ConfigurationError(
        [Problem(where=f"release {release.name}", received=received, expected=expected)]
    )
