"""What somebody asked of a rollout while it runs: to pause, or to end."""

from __future__ import annotations

from typing import Literal, get_args

from config.problems import ConfigurationError, Problem
from fleet.release.store import Release
from fleet.rollout.records import RolloutFolder

Asked = Literal["go", "pause", "abort"]


def asked(folder: RolloutFolder, release: str) -> Asked:
    """Return what was asked last of the rollout of `release`, its digest; `go` where nobody asked anything.

    Raises:
        ConfigurationError: it cannot be read.
    """
    text = folder.asked(release)
    if text is None:
        return "go"
    for one in get_args(Asked):
        if text == one:
            found: Asked = one
            return found
    expected = f"one of the words {', '.join(get_args(Asked))}"
    raise ConfigurationError(
        [Problem(where=folder.place_of_asked(release), received=text, expected=expected)]
    )


def ask(folder: RolloutFolder, release: str, what: Asked) -> None:
    """Ask `what` of the rollout of `release`.

    Raises:
        ConfigurationError: it cannot be written.
    """
    folder.ask(release, what)


def go_on(folder: RolloutFolder, release: Release) -> None:
    """Take back that the rollout of `release` was to pause, or to end.

    Raises:
        ConfigurationError: what was asked cannot be read or written.
    """
    if asked(folder, release.digest) != "go":
        ask(folder, release.digest, "go")
