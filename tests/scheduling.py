"""The order in which the workers of `make test` take the files: what waits beside what computes, the longest first.

A deployment waits most of its time, for the provider and for functions, while the other tests need a core. In the order
of their names all workers would wait together at first, and compete for the cores afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

SECONDS: Final = {
    "tests/deployment/test_deployer.py": 450,
    "tests/deployment/test_regions.py": 340,
    "tests/deployment/test_on_an_account.py": 320,
    "tests/deployment/test_platform.py": 300,
    "tests/deployment/test_profiles.py": 290,
    "tests/deployment/test_commands.py": 270,
    "tests/deployment/test_tenants.py": 250,
    "tests/deployment/test_lingering_interfaces.py": 240,
    "tests/deployment/test_interruptions.py": 170,
    "tests/deployment/test_isolation.py": 160,
    "tests/deployment/test_key_rights.py": 140,
    "tests/deployment/test_stateful.py": 120,
    "tests/deployment/test_mutations.py": 110,
    "tests/deployment/test_failed_invocations.py": 90,
    "tests/emulator/test_demo_down.py": 140,
    "tests/emulator/test_plans.py": 110,
    "tests/fleet/test_rollout_on_aws.py": 80,
    "tests/fleet/test_rollout.py": 60,
    "tests/fleet/test_worker.py": 40,
}
"""How long the files take that mostly wait, roughly: the others count as computing. A wrong figure costs time only."""
SECONDS_PER_TEST: Final = {"tests/isolation/": 3.0, "tests/lambda_src/": 0.5, "tests/preflight/": 1.0}
"""How long a test of the other files takes, by folder, roughly."""
OTHER_SECONDS_PER_TEST: Final = 0.2


def in_order(files: Mapping[str, int]) -> list[str]:
    """Return the files in the order in which they should begin.

    Files that wait and files that compute are merged so that each kind is as far through its work as the other.

    Args:
        files: the number of tests in each file, by its path from the repository's root.
    """
    waiting = {file: float(SECONDS[file]) for file in files if file in SECONDS}
    computing = {file: count * _per_test(file) for file, count in files.items() if file not in SECONDS}
    begins = [*_beginnings(waiting), *_beginnings(computing)]
    return [file for _, file in sorted(begins)]


def _per_test(file: str) -> float:
    found = (seconds for folder, seconds in SECONDS_PER_TEST.items() if file.startswith(folder))
    return next(found, OTHER_SECONDS_PER_TEST)


def _beginnings(seconds: Mapping[str, float]) -> Iterable[tuple[float, str]]:
    """Return each file, the longest first, with the share of the work that is done when it begins, from 0 to 1."""
    done, total = 0.0, sum(seconds.values())
    for file in sorted(seconds, key=lambda file: (-seconds[file], file)):
        yield done / total, file
        done += seconds[file]
