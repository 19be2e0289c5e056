"""Runs Terraform so that it outlives whoever started it.

A command whose output is a pipe ends at its next line once nobody reads it any more: in the middle of an apply, if the
caller is killed then. So the output goes to a file, and the process is in a session of its own: it ends what it began,
writes its state, and releases its lock, whatever happens to the caller.
"""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from terraform.configuration import plugin_cache_lock
from terraform.runner import Root

UNSET = ("TF_CLI_ARGS_", "TF_DATA_DIR", "TF_LOG", "TF_WORKSPACE")
"""Beginnings of variables that would have Terraform do something else, or write what it sees into a log."""


def plain_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return `environment` without the variables that change what a command does."""
    return {name: value for name, value in environment.items() if not name.startswith(UNSET)}


def run_enduring(root: Root, *arguments: str, output: Path, accepted: Sequence[int] = (0,)) -> int | None:
    """Run a command in the folder of `root`, however long it takes, and return its exit code.

    Args:
        root: the root module.
        *arguments: Terraform's arguments.
        output: file for all that it prints; only its owner may read it.
        accepted: exit codes that are no failure.

    Returns:
        The exit code, or `None` where it is another one.
    """
    output.touch(mode=0o600)
    with (
        output.open("wb") as file,
        plugin_cache_lock(root.terraform.environment if arguments[0] == "init" else {}),
    ):
        done = subprocess.run(
            [str(root.terraform.installation.binary), *arguments],
            cwd=root.folder,
            env=root.terraform.environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            check=False,
        )
    return done.returncode if done.returncode in accepted else None
