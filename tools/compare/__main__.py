"""`python -m tools.compare BASE`: say how what is synthesized differs from the revision BASE.

Two registries (the repository's own, and one that uses every setting) are synthesized in both profiles. Exit code 0: no
difference; 1: differences, one line each; 2: a revision cannot be synthesized. What changes for which tenant of one
registry, and what may be lost by it, `python -m fleet diff BASE` says.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import yaml

from config.problems import Refusal
from fleet.comparison.revisions import Tree, checkout, here, synthesize, workplace
from progress.showing import working
from tools.compare.differences import SET_APART, differences

ROOT: Final = Path(__file__).resolve().parents[2]
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
        Refusal: one of them is not there, or cannot be synthesized.
    """
    with ExitStack() as opened:
        folder = opened.enter_context(workplace(ROOT))
        trees = [opened.enter_context(checkout(ROOT, base, folder / "base"))]
        trees.append(
            opened.enter_context(checkout(ROOT, revision, folder / "revision")) if revision else here(ROOT)
        )
        for number, (case, variables) in enumerate(CASES.items()):
            before, after = (
                synthesized(tree, folder / f"{number}-{side}", understood(tree.folder, variables, folder))
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


def synthesized(tree: Tree, outdir: Path, variables: Mapping[str, str]) -> dict[str, bytes]:
    """Return the JSON of each stack by its id, with `variables` and nothing of this environment's own settings.

    Raises:
        RevisionError: it cannot be synthesized.
    """
    kept = {name: value for name, value in os.environ.items() if name in {"HOME", "PATH", "TMPDIR"}}
    files = synthesize(tree, outdir, {**kept, **variables})
    return {id_: path.read_bytes() for id_, path in files.items()}


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
        with working(f"synthesizing every case of {given.base} and {given.revision or WORKING_TREE}"):
            lines = list(compare(given.base, given.revision, frozenset(given.apart or ())))
    except Refusal as error:
        print(f"compare: {error}", file=sys.stderr)
        return 2
    print("\n".join(lines) or f"{given.revision or WORKING_TREE} synthesizes what {given.base} does.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
