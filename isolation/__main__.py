"""`python -m isolation [OUTDIR]`: prove that no tenant reaches another, from the stacks in `OUTDIR`."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from isolation.api import prove
from isolation.rendering.files import write_all
from isolation.rendering.machine import as_json
from isolation.rendering.matrix import as_svg
from isolation.rendering.sarif import as_sarif
from isolation.rendering.text import as_text
from isolation.synthesized.input_error import InputError, shown
from isolation.verdict.finding import Verdict
from isolation.verdict.report import Report
from isolation.verdict.waiver_file import read_waivers
from isolation.verdict.waivers import Waiver
from progress.showing import working

EXIT_CODES: Final[dict[Verdict, int]] = {"PROVED": 0, "ACCEPTED": 0, "VIOLATED": 1, "UNKNOWN": 2}
EXIT_BAD_INPUT: Final = 2
WAIVERS: Final = Path("isolation.yaml")

_RENDERERS: Final[dict[str, Callable[[Report], str]]] = {
    "json": as_json,
    "sarif": as_sarif,
    "svg": as_svg,
}
"""By the name of its option: what writes a report to a file."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Analyse the stacks, print the report and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except InputError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename or 'output'}: {error.strerror or error}")
    except Exception as error:  # noqa: BLE001 (the last resort: no answer must look like one)
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return _refuse(f"UNKNOWN: the analysis failed, which is a defect of this tool ({what})")


def _run(options: argparse.Namespace) -> int:
    if options.account is not None and not re.fullmatch(r"[0-9]{12}", options.account):
        raise InputError("--account", repr(options.account), "12 digits")
    files = {name: getattr(options, name) for name in _RENDERERS if getattr(options, name) is not None}
    if len(set(files.values())) < len(files):
        raise InputError("--json, --sarif, --svg", "the same file twice", "different files")
    waivers, today = _waivers(options.waivers), _today(options.today)
    with working(f"proving the stacks in {options.outdir}"):
        report = prove(options.outdir, account=options.account, waivers=waivers, today=today)
    write_all({path: _RENDERERS[name](report) for name, path in files.items()})
    _print(as_text(report))
    return EXIT_CODES[report.verdict]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m isolation",
        description="Prove from the synthesized stacks that no tenant reaches another.",
        epilog="Exit code: 0 proved or accepted, 1 violated, 2 unknown or bad input.",
    )
    parser.add_argument("outdir", nargs="?", type=Path, default=Path("cdktf.out"), help="default: cdktf.out")
    parser.add_argument(
        "--account", help="number of the account that the stacks are deployed to, if it is known"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report for machines")
    parser.add_argument("--sarif", type=Path, metavar="FILE", help="write the findings for code review")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write the isolation matrix")
    parser.add_argument(
        "--waivers",
        type=Path,
        metavar="FILE",
        help=f"findings that are accepted; default: {WAIVERS}, if there is one",
    )
    parser.add_argument(
        "--today", metavar="YYYY-MM-DD", help="the day on which waivers must be valid; default: today"
    )
    return parser


def _waivers(file: Path | None) -> list[Waiver]:
    """Return the waivers in `file`, by default in the working folder's file of waivers."""
    if file is None and not os.path.lexists(WAIVERS):
        return []
    return read_waivers(file or WAIVERS)


def _today(text: str | None) -> date:
    if text is None:
        return datetime.now(tz=UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InputError("--today", shown(text), "a day such as 2026-12-31") from error


def _print(text: str) -> None:
    """Print `text`, whatever the encoding of the terminal.

    Raises:
        OSError: nobody reads it any more.
    """
    encoding = sys.stdout.encoding or "utf-8"
    try:
        print(text.encode(encoding, "backslashreplace").decode(encoding), end="", flush=True)
    except BrokenPipeError as error:
        # Python would try once more at exit, and complain then.
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (until the exit)
        raise OSError(error.errno, error.strerror, "standard output") from error


def _refuse(problem: str) -> int:
    print(f"isolation: {problem}", file=sys.stderr)
    return EXIT_BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
