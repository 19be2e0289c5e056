"""Synthesizes another revision of this repository, in a git worktree that is gone afterwards."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from config.problems import ConfigurationError, Problem, Refusal, one_line
from fleet.comparison.dependencies import dependencies
from fleet.comparison.running import run
from progress.showing import OFF

WORK: Final = Path("build", "comparison")
"""Where worktrees are, below the repository: one folder for each run."""
SYNTHESIZED: Final = Path("build", "synthesis")
"""Stacks of earlier runs, by what they were made from: two revisions share them."""
_LOCK: Final = "lock"


class RevisionError(Refusal):
    """A revision cannot be checked out or synthesized; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A checkout that can be synthesized.

    Attributes:
        name: how messages name it.
        folder: that holds it.
        python: of its locked dependencies.
        commit: that it is; empty for what is not committed.
    """

    name: str
    folder: Path
    python: Path
    commit: str = ""


def commit_of(root: Path, revision: str) -> str:
    """Return the commit that `revision` names in the repository `root`, 40 hexadecimal digits.

    Raises:
        ConfigurationError: it names none, or `root` is no repository.
    """
    found = None
    if "\0" not in revision:
        # Nothing behind --end-of-options is an option, whatever it looks like.
        found = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
    if found is None or found.returncode:
        expected = "a revision of this repository, such as 'main'"
        raise ConfigurationError([Problem(where="BASE", received=revision, expected=expected)])
    return found.stdout.strip()


@contextmanager
def workplace(root: Path) -> Iterator[Path]:
    """Yield a new folder below the repository `root`, for worktrees and what they write; it is gone afterwards.

    What runs that were killed left behind is removed as well.
    """
    (root / WORK).mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        # One after the other, so that nobody finds the folder of another that has no lock yet.
        with (root / WORK / _LOCK).open("w") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            for left in (root / WORK).glob("run-*"):
                _remove_abandoned(left)
            folder = Path(tempfile.mkdtemp(dir=root / WORK, prefix="run-"))
            lock = held.enter_context((folder / _LOCK).open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        _git(root, "worktree", "prune")
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            _git(root, "worktree", "prune")


def _remove_abandoned(folder: Path) -> None:
    """Remove the folder of a run that is there no more."""
    try:
        with (folder / _LOCK).open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder, ignore_errors=True)
    except OSError:
        return  # it runs


@contextmanager
def checkout(
    root: Path, revision: str, folder: Path, notify: Callable[[str], None] = lambda _: None
) -> Iterator[Tree]:
    """Yield a checkout of `revision` in `folder`, which must be new, with the dependencies that it locks.

    Args:
        root: of this checkout.
        revision: as git names it.
        folder: that is to hold it.
        notify: is told what takes long, in one line.

    Raises:
        ConfigurationError: the repository has no such revision.
        RevisionError: it cannot be checked out, or its dependencies cannot be installed.
    """
    commit = commit_of(root, revision)
    tree = folder / "checkout"
    # A hook of the repository has nothing to say to a checkout that nobody works in.
    added = _git(
        root, "-c", "core.hooksPath=/dev/null", "worktree", "add", "--quiet", "--detach", str(tree), commit
    )
    try:
        if added.returncode:
            raise RevisionError(f"{one_line(revision)}: git worktree: {one_line(added.stderr.strip())}")
        found = dependencies(root, tree, lambda what: notify(f"{one_line(revision)}: {what}"))
        if isinstance(found, str):
            raise RevisionError(f"{one_line(revision)}: its dependencies cannot be installed:\n{found}")
        (tree / "build").mkdir(exist_ok=True)
        (tree / "build" / "lambda").symlink_to(found.vendored, target_is_directory=True)
        (root / SYNTHESIZED).mkdir(parents=True, exist_ok=True)
        (tree / SYNTHESIZED).symlink_to(root / SYNTHESIZED, target_is_directory=True)
        yield Tree(name=revision, folder=tree, python=found.python, commit=commit)
    finally:
        _git(root, "worktree", "remove", "--force", "--force", str(tree))


def here(root: Path) -> Tree:
    """Return this checkout, as it is."""
    return Tree(name="the working tree", folder=root, python=Path(sys.executable))


def synthesize(tree: Tree, outdir: Path, variables: Mapping[str, str]) -> dict[str, Path]:
    """Run the app of `tree` and return each stack's file by the stack's id.

    Args:
        tree: whose app.
        outdir: new, or of an earlier run.
        variables: the environment, without an output folder.

    Raises:
        RevisionError: the app ended with an error, which the message repeats.
    """
    code, said = run(
        [str(tree.python), "main.py"], tree.folder, {**variables, **OFF, "CDKTF_OUTDIR": str(outdir)}
    )
    if code:
        what = said.strip() or f"main.py ended with {code}"
        raise RevisionError(f"{one_line(tree.name)} cannot be synthesized:\n{what}")
    return {path.parent.name: path for path in sorted(outdir.glob("stacks/*/cdk.tf.json"))}


def _git(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # A hook of git, which may have started us, has variables that name another folder.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    command = ["git", *arguments]
    try:
        return subprocess.run(  # noqa: S603
            command, cwd=root, env=environment, capture_output=True, text=True, errors="replace", check=False
        )
    except OSError as error:
        raise RevisionError(f"git: received {error.strerror}, expected the program on PATH") from None
