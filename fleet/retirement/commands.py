"""The commands `retire` and `receipts`."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from config.problems import ConfigurationError, Refusal
from fleet.release.opening import NAMED
from fleet.retirement.beginning import ROOT, begun
from fleet.retirement.receipt import faults, rows
from fleet.retirement.receipt_store import DEFAULT, store_at
from fleet.retirement.record import Retirement, RetirementFolder, Step
from fleet.retirement.text import described, steps_text
from fleet.rollout import worker
from fleet.rollout.places import rollouts_of
from fleet.tables import table
from progress.showing import working
from terraform.enduring import plain_environment

Options = argparse.Namespace


class Add(Protocol):
    """Adds a command to the command line."""

    def __call__(self, name: str, run: Callable[[Options], int], summary: str, /) -> argparse.ArgumentParser:
        """Return the parser of the command `name`, which `run` runs."""


def add_commands(add: Add) -> None:
    """Add the commands to the command line."""
    command = add(
        "retire", _retire, "end a tenant in one environment, in steps that can be stopped and gone on with"
    )
    command.add_argument("tenant", metavar="TENANT", help="id of the tenant")
    command.add_argument(
        "--release", metavar="RELEASE", help=f"that its stacks have: {NAMED}; by default by their records"
    )
    command.add_argument(
        "--request", type=Path, metavar="FILE", help="who asked and approved, instead of arguments"
    )
    command.add_argument("--requested-by", metavar="PERSON", help="who asked")
    command.add_argument("--approved-by", metavar="PERSON", help="who approved it, another person")
    command.add_argument("--reason", metavar="SENTENCE", help="why it leaves")
    command.add_argument("--export", metavar="WHERE", help="copy its data to a folder or s3://BUCKET/PREFIX")
    command.add_argument("--no-export", metavar="SENTENCE", help="why its data is not copied")
    command.add_argument(
        "--export-profile", default="", metavar="PROFILE", help="AWS profile that may read its data"
    )
    command.add_argument(
        "--schema-dump", metavar="FILE", help="dump of a Fargate tenant's schema, to be copied with it"
    )
    command.add_argument(
        "--erase", metavar="SENTENCE", help="why a Fargate tenant's schema is dropped for good"
    )
    command.add_argument(
        "--reader-profile", default="", metavar="PROFILE", help="AWS profile that may ask what is left"
    )
    command.add_argument(
        "--by-hand",
        default="",
        metavar="SENTENCE",
        help="who looks for what nobody knows how to ask AWS for, of a stack of your own; the receipt says so",
    )
    command.add_argument(
        "--keep-entry",
        action="store_true",
        default=None,
        help="leave the registry: another environment still has it",
    )
    command.add_argument("--dry-run", action="store_true", help="print the steps, and do nothing")
    _add_receipts(command)
    worker.add_common_options(command, finds=True)
    command = add(
        "receipts", _receipts, "whether the receipts of retired tenants are the chain that they were"
    )
    _add_receipts(command)
    worker.add_common_options(command, finds=True)


def _add_receipts(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--receipts",
        metavar="WHERE",
        help=f"a folder, or s3://BUCKET/PREFIX with Object Lock ({DEFAULT})",
    )


def _folder(options: Options) -> RetirementFolder:
    return RetirementFolder(rollouts=rollouts_of(options.folder, os.environ, root=ROOT))


def _retire(options: Options) -> int:
    folder = _folder(options)
    retirement, release = begun(options, folder)
    if options.dry_run:
        _show(options, _document(retirement), steps_text(retirement))
        return 0
    # Imported here: no other command needs the AWS SDK, which takes longer to import than they do to run.
    from fleet.retirement.context import Context, StepError  # noqa: PLC0415
    from fleet.retirement.engine import RetirementEngine  # noqa: PLC0415
    from terraform.runner import Terraform  # noqa: PLC0415

    with (
        folder.alone(retirement.tenant, tuple(retirement.stacks)),
        _interruptible() as asked,
        Terraform(plain_environment(os.environ)) as terraform,
        working(f"retiring {retirement.tenant}") as work,
    ):
        # Again, now that nobody else retires it.
        retirement = folder.read(retirement.tenant) or retirement
        engine = RetirementEngine(
            context=Context(
                release=release,
                folder=folder,
                terraform=terraform,
                base=options.base.resolve(),
                lock_seconds=options.lock_timeout,
                environment=os.environ,
                root=ROOT,
                export_profile=options.export_profile,
                reader_profile=options.reader_profile,
                by_hand=options.by_hand,
            ),
            retirement=retirement,
            receipts=store_at(retirement.receipts),
            told=lambda step, found: None if options.json else work.say(_told(step, found)),
            stopping=lambda: bool(asked),
        )
        try:
            done = engine.run()
        except (StepError, ConfigurationError) as error:
            raise _stopped(engine.retirement, error) from None
    # What runs left that were killed: nobody is in it any more, since each stack's lock was free.
    shutil.rmtree(folder.work, ignore_errors=True)
    _show(options, _document(done), f"{done.tenant} is retired: receipt {done.done['receipt']['number']}")
    return 0


@contextmanager
def _interruptible() -> Iterator[list[int]]:
    """Return the signals that have asked for an end: Terraform is never ended in the middle of what it does."""
    asked: list[int] = []
    before = {
        number: signal.signal(number, lambda number, _: asked.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stopped(retirement: Retirement, error: Refusal) -> Refusal:
    """Return why it stopped, what was done, and how it goes on."""
    done = ", ".join(retirement.done) or "nothing"
    stopped = type(error)
    message = (
        f"retire {retirement.tenant}: stopped before {retirement.left[0]!r}: {error}\n"
        f"done: {done}; `python -m fleet retire {retirement.tenant}` goes on"
    )
    if isinstance(error, ConfigurationError):
        return _Stopped(message)
    return stopped(message)


class _Stopped(Refusal):
    """A step could not use its input."""


def _receipts(options: Options) -> int:
    folder = _folder(options)
    files = store_at(options.receipts or str(DEFAULT)).files()
    known = {}
    for tenant in folder.tenants():
        retirement = folder.read(tenant)
        if retirement is not None and "receipt" in retirement.done:
            known[tenant] = str(retirement.done["receipt"]["digest"])
    found, receipts = faults(files, known=known), rows(files)
    lines = [["receipt", "tenant", "environment", "ended", "digest"]]
    lines += [
        [
            f"{one['number']}",
            f"{one['tenant']}",
            f"{one['environment']}",
            f"{one['ended_at']}",
            f"{one['digest']}"[:12],
        ]
        for one in receipts
    ]
    count = f"{len(receipts)} receipt{'' if len(receipts) == 1 else 's'}"
    said = "; ".join(found) if found else f"{count}, each as it was kept"
    shown = [table(lines, left=5)] if receipts and not found else []
    _show(options, {"receipts": receipts, "faults": found}, "\n".join([*shown, said]))
    return 1 if found else 0


def _told(step: Step, found: Mapping[str, Any]) -> str:
    return f"  {step}: {described(step, found)}"


def _document(retirement: Retirement) -> dict[str, Any]:
    return {**asdict(retirement), "left": list(retirement.left)}


def _show(options: Options, document: object, text: str) -> None:
    print(json.dumps(document, indent=2) if options.json else text)
    sys.stdout.flush()
