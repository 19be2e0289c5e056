"""What somebody asked of a rollout while it runs: to pause, or to end."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from config.problems import ConfigurationError, Problem
from fleet.output import written
from fleet.rollout.records import RolloutFolder

Asked = Literal["go", "pause", "abort"]


def asked(folder: RolloutFolder, release: str) -> Asked:
    """Return what was asked last of the rollout of `release`, its digest; `go` where nobody asked anything.

    Raises:
        ConfigurationError: it cannot be read.
    """
    file = _file(folder, release)
    try:
        text = file.read_text().strip()
    except FileNotFoundError:
        return "go"
    except (OSError, ValueError) as error:
        raise _refusal(file, str(error)) from None
    for one in get_args(Asked):
        if text == one:
            found: Asked = one
            return found
    raise _refusal(file, text)


def ask(folder: RolloutFolder, release: str, what: Asked) -> None:
    """Ask `what` of the rollout of `release`.

    Raises:
        ConfigurationError: it cannot be written.
    """
    written(_file(folder, release), f"{what}\n")


def _file(folder: RolloutFolder, release: str) -> Path:
    return folder.path / "asked" / release


def _refusal(file: Path, received: str) -> ConfigurationError:
    expected = f"one of the words {', '.join(get_args(Asked))}"
    return ConfigurationError([Problem(where=str(file), received=received, expected=expected)])
