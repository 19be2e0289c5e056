"""Tries registries and environments that people could have written by mistake.

    python -m tools.fuzz [--registries 10000] [--environments 2000] [--first 0] [--seconds 2]

Each case has a number: the same number is the same case. Exit code 0 where none has a fault, 1 where one has: a
traceback, a message that is not one line a mistake, more than `--seconds` of computing, or something accepted that
YAML 1.2, the registry's schema or AWS refuses.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from progress.showing import working
from tools.fuzz.cases import environment_case, registry_case

REGISTRY = Path(__file__).resolve().parent.parent.parent / "tenants.yaml"


def main() -> int:
    """Try the cases; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.fuzz", description="Try hostile registries and environments."
    )
    parser.add_argument("--registries", type=int, default=10_000, metavar="COUNT", help="edited registries")
    parser.add_argument("--environments", type=int, default=2_000, metavar="COUNT", help="environments")
    parser.add_argument("--first", type=int, default=0, metavar="NUMBER", help="number of the first case")
    parser.add_argument("--seconds", type=float, default=2.0, help="of computing that a case may take")
    arguments = parser.parse_args()
    faults = 0
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        folder = Path(name)
        for kind, count in (("registry", arguments.registries), ("environment", arguments.environments)):
            accepted, slowest = 0, (0.0, 0)
            with working(f"trying {kind} cases", total=count) as work:
                for number in range(arguments.first, arguments.first + count):
                    if kind == "registry":
                        outcome = registry_case(number, folder)
                    else:
                        outcome = environment_case(number, folder, REGISTRY)
                    accepted += outcome.accepted
                    slowest = max(slowest, (outcome.seconds, number))
                    found = list(outcome.faults)
                    if outcome.seconds > arguments.seconds:
                        found.append(f"{outcome.seconds:.1f} s of computing")
                    for fault in found:
                        work.say(f"{kind} {number}: {fault}", sys.stderr)
                    faults += len(found)
                    work.step()
            print(
                f"{kind}: {count} tried, {accepted} accepted, {count - accepted} refused; "
                f"the slowest, {slowest[1]}, took {slowest[0]:.2f} s"
            )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
