"""`python -m isolation [OUTDIR]`: prove that no tenant reaches another, from the stacks in `OUTDIR`."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from isolation.rendering.machine import as_json
from isolation.rendering.matrix import as_svg
from isolation.rendering.text import as_text
from isolation.synthesized.reading import InputError, read_documents
from isolation.verdict.analysis import analyse
from isolation.verdict.finding import Verdict

EXIT_CODES: Final[dict[Verdict, int]] = {"PROVED": 0, "VIOLATED": 1, "UNKNOWN": 2}
EXIT_BAD_INPUT: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Analyse the stacks, print the report and return the exit code."""
    options = _parser().parse_args(arguments)
    if options.account is not None and not re.fullmatch(r"\d{12}", options.account):
        return _refuse(f"--account: received {options.account!r}, expected 12 digits")
    try:
        report = analyse(read_documents(options.outdir), options.account)
        for path, render in ((options.json, as_json), (options.svg, as_svg)):
            if path is not None:
                path.write_text(render(report), encoding="utf-8")
    except InputError as error:
        return _refuse(str(error))
    except OSError as error:
        return _refuse(f"{error.filename}: {error.strerror}")
    print(as_text(report), end="")
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


def _refuse(problem: str) -> int:
    print(f"isolation: {problem}", file=sys.stderr)
    return EXIT_BAD_INPUT


if __name__ == "__main__":
    sys.exit(main())
