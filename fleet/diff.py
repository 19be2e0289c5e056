"""What this checkout would change in the stacks, compared with what another revision synthesizes."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from fleet.comparison.report import compared
from fleet.comparison.revisions import checkout, here, synthesize, workplace
from fleet.comparison.text import Compared
from progress.showing import working

REGISTRY: Final = "TENANT_REGISTRY"
_LEFT_OUT: Final = frozenset({"CDKTF_OUTDIR", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"})
"""Variables that would have one checkout import or write what is the other's."""
_OF_A_COMMIT: Final = frozenset({"COMMIT_AUTHOR", "PR_NUMBER"})
"""Settings that are in a tag of every stack: without them, stacks that are kept serve every author and pull request."""


def diff(
    revision: str, variables: Mapping[str, str], *, root: Path, notify: Callable[[str], None] = lambda _: None
) -> Compared:
    """Synthesize `revision` and this checkout with the same settings, each with its own registry, and compare them.

    Args:
        revision: of the repository in `root`, as git names it.
        variables: of the environment.
        root: of this checkout.
        notify: is told what takes long, in one line.

    Raises:
        ConfigurationError: there is no such revision.
        RevisionError: one of the two cannot be synthesized; the message is the app's.
        UnreadableStacksError: what one of them wrote are no stacks.
    """
    settings = shared(variables, root)
    with (
        working(f"checking {revision} out") as work,
        workplace(root) as folder,
        checkout(root, revision, folder, work.above(notify)) as tree,
    ):
        work.what = f"synthesizing {revision}"
        before = synthesize(tree, folder / "before", settings)
        work.what = "synthesizing the working tree"
        after = synthesize(here(root), folder / "after", settings)
        work.what = "comparing"
        report = compared(before, after)
    return Compared(revision=revision, commit=tree.commit, report=report)


def shared(variables: Mapping[str, str], root: Path) -> dict[str, str]:
    """Return the settings for both checkouts: a registry in the repository is each one's own."""
    found = {name: value for name, value in variables.items() if name not in _LEFT_OUT | _OF_A_COMMIT}
    registry = found.get(REGISTRY)
    if registry and Path(registry).is_absolute() and Path(registry).is_relative_to(root):
        found[REGISTRY] = os.path.relpath(registry, root)
    return found
