"""A copy of the working tree, and an environment in which a move's packages take the place of the locked ones."""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Final

from config.problems import Refusal, one_line
from fleet.comparison.revisions import Tree
from tools.successor.moves import Move
from tools.successor.renaming import rename

WORK: Final = Path("build", "successor")
"""Below the repository: one folder for each move, which its next try replaces."""
LINKED: Final = (Path("build", "lambda"), Path("node_modules"))
"""What a copy shares with the repository: vendored packages of the functions, and npm's packages."""
_INDEX: Final = "a package index that has it, by pip's own configuration"


class SuccessorError(Refusal):
    """A move cannot be tried; the message says why, in one line."""


def workplace(root: Path, move: Move) -> Tree:
    """Return a copy of the working tree of `root`, renamed where `move` renames, with an interpreter of its packages.

    Raises:
        SuccessorError: git cannot list the files, or the packages cannot be had.
    """
    home = root / WORK / move.name
    shutil.rmtree(home, ignore_errors=True)
    folder = home / "checkout"
    copy(root, folder)
    if move.renames:
        rename(folder)
    return Tree(name=move.title, folder=folder, python=_environment(home / "environment", move))


def copy(root: Path, folder: Path) -> None:
    """Copy what git tracks in `root`, or would, as it is in the working tree, to the new `folder`.

    Raises:
        SuccessorError: git cannot list it.
    """
    listed = _run(["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
    for name in sorted(filter(None, listed.split("\0"))):
        source, target = root / name, folder / name
        # A file that is deleted and not yet committed is listed too.
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target, follow_symlinks=False)
    for name in map(str, LINKED):
        if (root / name).is_dir() and not (folder / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).symlink_to((root / name).resolve(), target_is_directory=True)


def _environment(home: Path, move: Move) -> Path:
    """Return the Python of a new environment in `home`.

    It has the move's packages, and behind them on its path everything that is locked. So whatever the move does not
    name is the same on both sides of a comparison.
    """
    _run([sys.executable, "-m", "venv", str(home)])
    python = home / "bin" / "python"
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    _run([str(python), *pip, f"--requirement={move.requirements}"])
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return python


def _run(command: list[str]) -> str:
    """Run `command` and return what it printed.

    Raises:
        SuccessorError: it is not there, or it failed.
    """
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout
    except FileNotFoundError as error:
        raise SuccessorError(f"{command[0]}: received no such command, expected it on PATH") from error
    except subprocess.CalledProcessError as error:
        raise SuccessorError(refusal(command, error.returncode, error.stderr)) from error


def refusal(command: list[str], code: int, said: str) -> str:
    """Return in one line why `command` ended with `code`, from what it `said`; where pip finds no package, that."""
    lines = [line for line in said.strip().splitlines() if not line.startswith("WARNING")] or ["nothing"]
    for line in lines:
        if "No matching distribution found for" in line:
            package = line.rpartition(" for ")[2].partition(" (")[0]
            return one_line(f"{package}: received nothing from the package index, expected {_INDEX}")
    return one_line(f"{' '.join(command[:4])}: ended with {code}: {lines[-1]}")
