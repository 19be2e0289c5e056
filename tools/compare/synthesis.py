"""Synthesizes a revision in a checkout of its own, with the settings and the dependencies of this one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
BUILT: Final = "build/lambda"
"""The functions' vendored dependencies: made by `make setup`, not part of a checkout."""


class ComparisonError(Exception):
    """A revision cannot be checked out or synthesized; the message says which and why."""


@contextmanager
def checkout(revision: str, folder: Path) -> Iterator[Path]:
    """Yield a checkout of `revision` below `folder` that can be synthesized; it is removed afterwards.

    Raises:
        ComparisonError: git knows no such revision.
    """
    tree = folder / "checkout"
    added = _git("worktree", "add", "--quiet", "--detach", str(tree), revision)
    if added.returncode:
        raise ComparisonError(
            f"{revision}: received {added.stderr.strip()!r}, expected a revision of this repository"
        )
    try:
        (tree / BUILT).parent.mkdir(parents=True, exist_ok=True)
        (tree / BUILT).symlink_to(ROOT / BUILT, target_is_directory=True)
        yield tree
    finally:
        _git("worktree", "remove", "--force", str(tree))


def synthesize(tree: Path, outdir: Path, variables: Mapping[str, str]) -> dict[str, bytes]:
    """Run the app of the checkout `tree` with `variables` and return each stack's JSON by the stack's id.

    Raises:
        ComparisonError: the app ended with an error.
    """
    kept = {name: value for name, value in os.environ.items() if name in {"HOME", "PATH", "TMPDIR"}}
    environment = {**kept, **variables, "CDKTF_OUTDIR": str(outdir)}
    command = [sys.executable, "main.py"]
    ran = subprocess.run(command, cwd=tree, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise ComparisonError(f"{tree}: main.py ended with {ran.returncode}:\n{ran.stderr.strip()}")
    return {path.parent.name: path.read_bytes() for path in sorted(outdir.glob("stacks/*/cdk.tf.json"))}


def _git(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
