"""Asks an AWS account what would stop a deployment, before the deployment. It changes nothing.

    python -m preflight [cdktf.out] [--json]

Exit code 0 where nothing stops it (there may be warnings), 1 where something does or could not be asked, 2 where there
are no stacks or no account to ask.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from fleet.synthesized import UnreadableStacksError, read_stacks
from preflight.findings import CheckResult, Severity
from preflight.running import NoAccountError, run
from progress.showing import working

FAILING = frozenset({Severity.STOPS, Severity.UNKNOWN})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the checks and print what they say; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m preflight", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    parser.add_argument("outdir", nargs="?", default="cdktf.out", type=Path, help="the synthesized stacks")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    outcomes: list[CheckResult] = []
    try:
        with working("asking the account") as work:
            for outcome in run(read_stacks(options.outdir)):
                outcomes.append(outcome)
                if not options.json:
                    work.say("\n".join(outcome.lines()))
    except (NoAccountError, UnreadableStacksError, ValueError) as error:
        print(f"preflight: {error}", file=sys.stderr)
        return 2
    findings = [finding for outcome in outcomes for finding in outcome.findings]
    failing = sum(finding.severity in FAILING for finding in findings)
    if options.json:
        print(json.dumps([asdict(outcome) for outcome in outcomes], indent=2), flush=True)
    else:
        print(_summary(failing, len(findings) - failing), flush=True)
    return 1 if failing else 0


def _summary(failing: int, warnings: int) -> str:
    if failing:
        return f"\n{failing} of these would stop the deployment or could not be asked."
    return f"\nNothing stops the deployment.{f' {warnings} warnings.' if warnings else ''}"


if __name__ == "__main__":
    sys.exit(main())
