"""Scan the stacks for known weaknesses.

    python -m tools.scan [OUTDIR] [--waivers FILE] [--today YYYY-MM-DD] [--json FILE] [--sarif FILE] [--write-floors]

Without OUTDIR it synthesizes and scans every kind of stack in both profiles. Exit code 0 where nothing is found that no
waiver accepts, 1 where something is, 2 where a scanner is missing or looked at less than it should, or a waiver has run
out or is not used.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from config.problems import ConfigurationError, Problem, Refusal
from progress.showing import working
from tools.scan import checkov
from tools.scan.rendering import as_json, as_sarif, as_text
from tools.scan.scanning import scan
from tools.scan.stacks import ScannedStack, read_stacks
from tools.scan.synthesis import ROOT, synthesize_both
from tools.scan.waivers import judge, read_waivers

WAIVERS: Final = ROOT / "scan-waivers.yaml"


def main(arguments: Sequence[str] | None = None) -> int:
    """Scan, print what is found and return the exit code."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except Refusal as refusal:
        print("\n".join(f"scan: {line}" for line in str(refusal).splitlines()), file=sys.stderr)
        return refusal.exit_code
    except OSError as error:
        print(f"scan: {error.filename or 'output'}: {error.strerror or error}", file=sys.stderr)
    except Exception as error:  # noqa: BLE001 (the last resort: no answer must look like one)
        what = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        print(f"scan: failed, which is a defect of this tool ({what})", file=sys.stderr)
    return Refusal.exit_code


def _run(options: argparse.Namespace) -> int:
    today = _today(options.today)
    waivers = read_waivers(options.waivers)
    with working("synthesizing every kind of stack in both profiles"):
        stacks = synthesize_both() if options.outdir is None else read_stacks(options.outdir)
    with working(f"scanning {len(stacks)} stacks"):
        if options.write_floors:
            return _write_floors(stacks)
        findings = scan(stacks, floors=checkov.read_floors())
    scanned = None if options.outdir is None else [stack.id for stack in stacks]
    verdict = judge(findings, waivers, today=today, stacks=scanned)
    for path, render in ((options.json, as_json), (options.sarif, as_sarif)):
        if path is not None:
            path.write_text(render(verdict), encoding="utf-8")
    print(as_text(verdict, stacks=len(stacks), waivers=len(waivers)), end="")
    return 1 if verdict.open else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.scan",
        description="Scan the stacks for known weaknesses.",
        epilog="Exit code: 0 nothing found, 1 something found, 2 not scanned or bad input.",
    )
    parser.add_argument(
        "outdir", nargs="?", type=Path, help="synthesized stacks; default: every kind, in both profiles"
    )
    parser.add_argument(
        "--waivers", type=Path, default=WAIVERS, metavar="FILE", help=f"default: {WAIVERS.name}"
    )
    parser.add_argument(
        "--today", metavar="YYYY-MM-DD", help="the day on which waivers must be valid; default: today"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all findings for machines")
    parser.add_argument("--sarif", type=Path, metavar="FILE", help="write all findings for code review")
    parser.add_argument(
        "--write-floors",
        action="store_true",
        help=f"write how many checks checkov runs on each type of resource to {checkov.FLOORS.name}, and scan nothing",
    )
    return parser


def _today(text: str | None) -> date:
    if text is None:
        return datetime.now(tz=UTC).date()
    try:
        return date.fromisoformat(text)
    except ValueError:
        expected = "a day such as 2026-12-31"
        raise ConfigurationError([Problem(where="--today", received=text, expected=expected)]) from None


def _write_floors(stacks: Sequence[ScannedStack]) -> int:
    floors = checkov.floors_of(stacks, checkov.run(stacks).checks)
    checkov.FLOORS.write_text(json.dumps(floors, indent=1) + "\n")
    print(f"wrote {checkov.FLOORS.relative_to(ROOT)}: {sum(floors.values())} checks on {len(floors)} types")
    return 0


if __name__ == "__main__":
    sys.exit(main())
