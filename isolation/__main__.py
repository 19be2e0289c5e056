"""`python -m isolation [OUTDIR]`: prove that no tenant reaches another, from the stacks in `OUTDIR`."""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from isolation.rendering.files import write_all
from isolation.rendering.machine import as_json
from isolation.rendering.matrix import as_svg
from isolation.rendering.text import as_text
from isolation.synthesized.input_error import InputError
from isolation.synthesized.reading import read_documents
from isolation.verdict.analysis import analyse
from isolation.verdict.finding import Verdict
from isolation.verdict.report import Report

EXIT_CODES: Final[dict[Verdict, int]] = {"PROVED": 0, "VIOLATED": 1, "UNKNOWN": 2}
EXIT_BAD_INPUT: Final = 2

_RENDERERS: Final[dict[str, Callable[[Report], str]]] = {"json": as_json, "svg": as_svg}
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
        raise InputError("--json, --svg", "the same file twice", "different files")
    report = analyse(read_documents(options.outdir), options.account)
    write_all({path: _RENDERERS[name](report) for name, path in files.items()})
    _print(as_text(report))
    return EXIT_CODES[report.verdict]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m isolation",
        description="Prove from the synthesized stacks that no tenant reaches another.",
        epilog="Exit code: 0 proved, 1 violated, 2 unknown or bad input.",
    )
    parser.add_argument("outdir", nargs="?", type=Path, default=Path("cdktf.out"), help="default: cdktf.out")
    parser.add_argument(
        "--account", help="number of the account that the stacks are deployed to, if it is known"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the report for machines")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write the isolation matrix")
    return parser


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
