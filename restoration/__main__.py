"""Puts back what one tenant had earlier: from versions of its bucket, or from a bucket or table restored beside it.

    python -m restoration objects BUCKET --at TIME [--prefix PREFIX] [--remove-newer] [--apply]
    python -m restoration copies RESTORED BUCKET [--prefix PREFIX] [--remove-newer] [--apply]
    python -m restoration items RESTORED TABLE [--remove-newer] [--apply]

Without --apply it says what it would do. Exit code 0 where all is as it was, or would be, 1 where something could not
be put back, 2 where the input cannot be used.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from restoration import copies, items, objects


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` name; return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        failed = options.run(options)
    except (BotoCoreError, ClientError) as error:
        print(f"restoration: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"restoration: {error.filename or 'output'}: {error.strerror or error}", file=sys.stderr)
        return 2
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    introduction, *_ = (__doc__ or "").strip().split("\n")
    parser = argparse.ArgumentParser(prog="python -m restoration", description=introduction)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[argparse.Namespace], int], summary: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=summary, description=summary)
        command.set_defaults(run=run)
        command.add_argument(
            "--remove-newer", action="store_true", help="remove what was not there then; by default it stays"
        )
        command.add_argument("--apply", action="store_true", help="do it; by default it is only said")
        return command

    command = add("objects", _objects, "put objects of a bucket back as they were at a time")
    command.add_argument("bucket", metavar="BUCKET", help="the tenant's bucket")
    command.add_argument(
        "--at", required=True, type=_time, metavar="TIME", help="such as 2026-11-27T10:00:00Z"
    )
    command.add_argument("--prefix", default="", help="of the keys; by default all")
    command = add("copies", _copies, "put objects back from a bucket that was restored beside the tenant's")
    command.add_argument("restored", metavar="RESTORED", help="the bucket that was restored")
    command.add_argument("bucket", metavar="BUCKET", help="the tenant's bucket")
    command.add_argument("--prefix", default="", help="of the keys; by default all")
    command = add("items", _items, "put items back from a table that was restored beside the tenant's")
    command.add_argument("restored", metavar="RESTORED", help="the table that was restored")
    command.add_argument("table", metavar="TABLE", help="the tenant's table")
    return parser


def _time(text: str) -> datetime:
    """Return the time that `text` says, which must be in the past and say its zone."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None or time > datetime.now(time.tzinfo):
        raise argparse.ArgumentTypeError(
            f"received {text!r}, expected a time in the past with its zone, such as 2026-11-27T10:00:00Z"
        )
    return time


def _objects(options: argparse.Namespace) -> int:
    client = _client("s3")
    found = objects.versions(client, options.bucket, options.prefix)
    planned = objects.steps(found, options.at, remove_newer=options.remove_newer)
    return _carried_out(planned, partial(objects.carry_out, client, options.bucket), apply=options.apply)


def _copies(options: argparse.Namespace) -> int:
    client = _client("s3")
    restored, own = (
        copies.contents(client, bucket, options.prefix) for bucket in (options.restored, options.bucket)
    )
    planned = copies.steps(restored, own, remove_newer=options.remove_newer)
    return _carried_out(
        planned, partial(copies.carry_out, client, options.restored, options.bucket), apply=options.apply
    )


def _items(options: argparse.Namespace) -> int:
    client = _client("dynamodb")
    planned = items.steps(
        items.items(client, options.restored),
        items.items(client, options.table),
        items.key_names(client, options.table),
        remove_newer=options.remove_newer,
    )
    return _carried_out(planned, partial(items.carry_out, client, options.table), apply=options.apply)


def _client(service: str) -> Any:  # noqa: ANN401 - boto3 names no type for all
    make: Any = boto3.client
    return make(service)


def _carried_out(
    planned: Iterable[objects.ObjectStep | copies.CopyStep | items.ItemStep],
    carry_out: Callable[[Any], None],
    *,
    apply: bool,
) -> int:
    """Do what is `planned`, or say it; return how much of it could not be done."""
    # Listed first: what is put back is a version, or an item, that listing might meet again.
    steps = list(planned)
    failed = 0
    for step in steps:
        impossible = step.action == "too large"
        try:
            if apply and not impossible:
                carry_out(step)
        except ClientError as error:
            print(f"failed: {step}: {error}", file=sys.stderr)
            failed += 1
            continue
        failed += impossible
        print(step)
    done = len(steps) - failed
    print(
        f"{done} {'done' if apply else 'to do, with --apply'}{f', {failed} not possible' if failed else ''}"
    )
    return failed


if __name__ == "__main__":
    sys.exit(main())
