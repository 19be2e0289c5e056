"""Operations over many tenants. Some ask an account, such as `publish` and `retire`; most are offline.

    python -m fleet COMMAND --help

Exit code 0 where nothing is amiss, 1 where a command found something, 2 where its input cannot be used.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

from config.machine import EXIT_REFUSED, refused
from config.problems import Refusal, one_line
from config.settings import Settings
from fleet import cost, page, quota
from fleet.allocate import AllocationRequest, allocate
from fleet.allocation import DEFAULT_PREFIX, PREFIXES
from fleet.comparison.json_document import document
from fleet.comparison.text import markdown, text
from fleet.diff import diff
from fleet.isolation_report import read_isolation_report
from fleet.limits import FILE, Limits, load_limits
from fleet.output import written
from fleet.reading import each_stack
from fleet.release import command as release_command
from fleet.retirement import commands as retirement
from fleet.rollout import commands as rollout
from fleet.rollout import worker
from fleet.synthesized import UnreadableStacksError, region_of
from progress.showing import working
from terraform.errors import TerraformError

ROOT = Path(__file__).resolve().parent.parent
INTERRUPTED = 130
"""The exit code of who was interrupted, as shells have it: 128 and the number of the signal."""
Options = argparse.Namespace


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` name; return the exit code."""
    options = _parser().parse_args(arguments)
    run: Callable[[Options], int] = options.run
    try:
        code = run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever reads has read enough, such as `head`; nothing may be written at the end of the process either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    except Refusal as refusal:
        print(f"fleet: {refusal}", file=sys.stderr)
        return refusal.exit_code
    except (TerraformError, UnreadableStacksError) as error:
        print(f"fleet: {one_line(str(error))}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"fleet: {refused(error)}", file=sys.stderr)
        return EXIT_REFUSED
    return code


def _parser() -> argparse.ArgumentParser:
    introduction, *_, ending = (__doc__ or "").strip().split("\n")
    parser = argparse.ArgumentParser(prog="python -m fleet", description=introduction, epilog=ending)
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")

    def add(name: str, run: Callable[[Options], int], summary: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=summary, description=summary)
        command.set_defaults(run=run)
        command.add_argument("--json", action="store_true", help="print JSON")
        return command

    command = add("quota", _quota, "what the stacks take of each AWS quota, and which is met first")
    _add_outdir(command)
    _add_limits(command)
    command.add_argument(
        "--account", action="store_true", help="ask the caller's account what it is allowed, in each region"
    )
    command = add("cost", _cost, "what the stacks cost a month at list prices while nobody uses them")
    _add_outdir(command)
    command = add(
        "allocate", _allocate, "give a tenant the lowest network and listener priority that nobody has or had"
    )
    command.add_argument("tenant", metavar="TENANT", help="id of the tenant, new or in the registry")
    command.add_argument("--silo", action="store_true", help="a network for a silo")
    command.add_argument("--fargate", action="store_true", help="a priority for a service on the platform")
    sizes = f"of the silo's network, {PREFIXES[0]} to {PREFIXES[-1]}; {DEFAULT_PREFIX} by default"
    command.add_argument(
        "--prefix", default=DEFAULT_PREFIX, type=int, choices=PREFIXES, metavar="LENGTH", help=sizes
    )
    command.add_argument("--image", help="of the service; production needs one, by digest")
    command = add(
        "diff", _diff, "what this checkout changes for whom, compared with what the revision BASE synthesizes"
    )
    command.add_argument("base", metavar="BASE", help="a revision of this repository, such as main")
    command.add_argument("--markdown", action="store_true", help="print a comment for a pull request")
    command = add(
        "page", _page, "one static HTML page of tenants, isolation, quotas and cost; it needs no server"
    )
    _add_outdir(command)
    _add_limits(command)
    command.add_argument(
        "--output", default="build/fleet.html", type=Path, metavar="FILE", help="the page (build/fleet.html)"
    )
    command.add_argument(
        "--isolation",
        type=Path,
        metavar="FILE",
        help="what `python -m isolation --json FILE` wrote of these stacks",
    )
    command = add("publish", _publish, "upload the functions' packages that the bucket PACKAGE_BUCKET lacks")
    _add_outdir(command)
    command = add("release", _release, "keep what was synthesized and is proved, under its digest")
    _add_outdir(command)
    release_command.add_options(command)
    command = add("worker", _worker, "give one stack one release, and record how that ended")
    worker.add_options(command)
    rollout.add_commands(add)
    retirement.add_commands(add)
    return parser


def _add_limits(command: argparse.ArgumentParser) -> None:
    limits = f"what the account is allowed; by default {FILE} beside the registry, if there is one"
    command.add_argument("--limits", type=Path, metavar="FILE", help=limits)


def _add_outdir(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--out", default="cdktf.out", type=Path, metavar="FOLDER", help="the synthesized stacks (cdktf.out)"
    )


def _limits(options: Options) -> Limits:
    """Return what the account is allowed, from the file that is named, or from that which synthesis reads."""
    if options.limits:
        return load_limits(options.limits, name=str(options.limits), required=True)
    registry = os.environ.get("TENANT_REGISTRY") or Settings.model_fields["registry"].default
    return load_limits((ROOT / str(registry)).with_name(FILE))


def _show(options: Options, document: object, text: str) -> None:
    print(json.dumps(document, indent=2) if options.json else text)


def _quota(options: Options) -> int:
    limits = _limits(options)
    if options.account:
        # Imported here, as in `_publish`.
        from fleet.account import asked  # noqa: PLC0415

        with working("asking the account for its quotas"):
            limits = asked(limits, each_stack(options.out, region_of))
    with working(f"reading {options.out}"):
        found = quota.budget(options.out, limits)
    _show(options, quota.document(found), quota.text(found))
    return 1 if any(quota.over(found.rows)) else 0


def _cost(options: Options) -> int:
    with working(f"reading {options.out}"):
        found = cost.cost(options.out)
    _show(options, cost.document(found), cost.text(found))
    return 1 if found.incomplete else 0


def _allocate(options: Options) -> int:
    if not (options.silo or options.fargate):
        return _misused("allocate: received neither, expected --silo, --fargate or both")
    if options.image and not options.fargate:
        return _misused("allocate: received --image without --fargate, expected both or none")
    wanted = AllocationRequest(
        tenant=options.tenant,
        silo=options.silo,
        fargate=options.fargate,
        prefix=options.prefix,
        image=options.image,
    )
    found = allocate(wanted, os.environ, root=ROOT)
    lines = [f"{found.file}:{found.line}: {found.tenant}"]
    if found.cidr:
        lines.append(f"  network {found.cidr}; {found.networks_left} of this size are left")
    if found.listener_priority:
        lines.append(
            f"  listener priority {found.listener_priority}; {found.priorities_left} priorities are left"
        )
    _show(options, asdict(found), "\n".join(lines))
    return 0


def _page(options: Options) -> int:
    limits = _limits(options)
    isolation = read_isolation_report(options.isolation, options.out) if options.isolation else None
    with working(f"reading {options.out}"):
        html, count = page.page(options.out, limits, isolation)
    size = written(options.output, html)
    said = {"file": str(options.output), "bytes": size, "rows": count}
    _show(options, said, f"{options.output}: {count} rows of tenants, {size:,} bytes")
    return 0


def _diff(options: Options) -> int:
    if options.json and options.markdown:
        return _misused("diff: received --json and --markdown, expected one or none")
    # Whoever ends the process has its worktree removed as well.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    found = diff(options.base, os.environ, root=ROOT, notify=_notify)
    _show(options, document(found), markdown(found) if options.markdown else text(found))
    return 0 if found.report.empty else 1


def _publish(options: Options) -> int:
    # Imported here: no other command needs the AWS SDK, which takes longer to import than they do to run.
    from fleet import publish  # noqa: PLC0415

    with working("publishing the functions' packages"):
        found = publish.publish(options.out)
    _show(options, publish.document(found), publish.text(found))
    return 0


def _release(options: Options) -> int:
    return release_command.run(options, partial(_show, options))


def _worker(options: Options) -> int:
    with working(f"giving {options.stack} the release {options.release}"):
        record = worker.run(options)
    _show(options, asdict(record), worker.described(record))
    return 0 if record.outcome == "succeeded" else 1


def _notify(what: str) -> None:
    print(f"fleet: {what}", file=sys.stderr, flush=True)


def _misused(message: str) -> int:
    print(f"fleet: {message}", file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main())
