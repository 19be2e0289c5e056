"""The commit that a release is made from, as git says it."""

from __future__ import annotations

import subprocess
from datetime import UTC, datetime
from pathlib import Path

from config.problems import ConfigurationError, Problem
from fleet.release.manifest import Source


def source_of(root: Path) -> Source:
    """Return the commit that is checked out in `root`, its author and its time.

    Raises:
        ConfigurationError: there is none.
    """
    commit, author, committed_at = _git(root, "log", "-1", "--format=%H%n%an <%ae>%n%cI").splitlines()
    moment = datetime.fromisoformat(committed_at).astimezone(UTC)
    return Source(
        commit=commit,
        author=author,
        committed_at=moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
        modified=bool(_git(root, "status", "--porcelain")),
    )


def _git(root: Path, *arguments: str) -> str:
    command = ["git", "-C", str(root), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    except OSError as error:
        raise _refusal(root, error.strerror) from None
    if done.returncode:
        raise _refusal(root, done.stderr.strip())
    return done.stdout


def _refusal(root: Path, received: str | None) -> ConfigurationError:
    expected = "a git checkout with a commit: a release says whose it is"
    return ConfigurationError([Problem(where=str(root), received=received, expected=expected)])
