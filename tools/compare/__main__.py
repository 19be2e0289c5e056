"""`python -m tools.compare BASE`: say how what is synthesized differs from the revision BASE.

Two registries (the repository's own, and one that uses every setting) are synthesized in both profiles. Exit code 0: no
difference; 1: differences, one line each; 2: a revision cannot be synthesized. Dependencies are those of this checkout.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import yaml

from tools.compare.differences import SET_APART, differences
from tools.compare.synthesis import ROOT, ComparisonError, checkout, synthesize

EVERY_SETTING: Final = Path(__file__).with_name("every_setting.yaml")
ADMINISTRATOR: Final = "arn:aws:iam::123456789012:role/deployer"
PRODUCTION: Final = {
    "ENVIRONMENT_SUFFIX": "prod",
    "PROFILE": "production",
    "KEY_ADMINISTRATOR_ARNS": ADMINISTRATOR,
    "STATE_BUCKET": "states",
}
CASES: Final[dict[str, dict[str, str]]] = {
    "the repository's registry, development": {},
    "every setting, development": {"TENANT_REGISTRY": str(EVERY_SETTING), "STATE_BUCKET": "states"},
    "every setting, production": {"TENANT_REGISTRY": str(EVERY_SETTING), **PRODUCTION},
}
"""Environment variables by what they are called in a report."""
WORKING_TREE: Final = "the working tree"


def compare(base: str, revision: str | None, apart: frozenset[str]) -> Iterator[str]:
    """Yield a line for each difference between the revision `base` and `revision`; `None` is the working tree.

    Raises:
        ComparisonError: one of them cannot be synthesized.
    """
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="compare-")))
        trees = [opened.enter_context(checkout(base, folder / "base"))]
        trees.append(opened.enter_context(checkout(revision, folder / "revision")) if revision else ROOT)
        for number, (case, variables) in enumerate(CASES.items()):
            before, after = (
                synthesize(tree, folder / f"{number}-{side}", understood(tree, variables, folder))
                for side, tree in enumerate(trees)
            )
            for stack in sorted({*before, *after}):
                if stack not in before or stack not in after:
                    yield f"{case}: {stack}: {'removed' if stack in before else 'added'}"
                elif apart:
                    found = differences(before[stack], after[stack], apart=apart)
                    yield from (f"{case}: {stack}: {difference}" for difference in found)
                elif before[stack] != after[stack]:
                    found = differences(before[stack], after[stack])
                    yield from (f"{case}: {stack}: {difference}" for difference in found)
                    if not found:
                        yield f"{case}: {stack}: the same values in other bytes"


def understood(tree: Path, variables: Mapping[str, str], folder: Path) -> Mapping[str, str]:
    """Return `variables` for the checkout `tree`, whose revision may not know declared environments, or their alarms.

    It then gets a copy of the registry without them, in `folder`.
    """
    if "TENANT_REGISTRY" not in variables:
        return variables
    registry = yaml.safe_load(Path(variables["TENANT_REGISTRY"]).read_text())
    if (tree / "config" / "environments.py").exists():
        models = tree / "config" / "registry" / "environments.py"
        if "alarm_topic_arn" in models.read_text():
            return variables
        for environment in registry["environments"].values():
            environment.pop("alarm_topic_arn", None)
        return _written(registry, folder / "silent.yaml", variables)
    registry.pop("environments", None)
    registry["platform"].pop("requests_per_address", None)
    for entry in (
        *registry["retired"].values(),
        *(tenant.get("fargate", {}) for tenant in registry["tenants"].values()),
    ):
        entry.pop("erase", None)
        entry.pop("large_bodies", None)
        entry.pop("requests_per_task", None)
        entry.pop("returns", None)
    return _written(registry, folder / "undeclared.yaml", variables)


def _written(registry: object, file: Path, variables: Mapping[str, str]) -> Mapping[str, str]:
    """Write `registry` to `file`, and return `variables` that name it."""
    file.write_text(yaml.safe_dump(registry))
    return {**variables, "TENANT_REGISTRY": str(file)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tools.compare", description=__doc__)
    parser.add_argument("base", metavar="BASE", help="a revision")
    parser.add_argument(
        "revision", metavar="REVISION", nargs="?", help="another; the working tree if left out"
    )
    for kind, called in SET_APART.items():
        parser.add_argument(
            f"--without-{kind}s", action="append_const", const=kind, dest="apart", help=f"ignore {called}"
        )
    given = parser.parse_args(arguments)
    try:
        lines = list(compare(given.base, given.revision, frozenset(given.apart or ())))
    except ComparisonError as error:
        print(f"compare: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines) or f"{given.revision or WORKING_TREE} synthesizes what {given.base} does.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
