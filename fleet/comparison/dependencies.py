"""What a checkout is synthesized with: this checkout's dependencies, or its own where its locks are others.

Dependencies of its own are installed by its own `make setup`, and kept below `build/` by the digest of the locks.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fleet.comparison.running import run

LOCKS: Final = (
    "Pipfile.lock",
    "package-lock.json",
    "bootstrap.txt",
    "bundling/vendoring.py",
    "bundling/rds_authorities.cjs",
)
"""What `make setup` installs from."""
KEPT: Final = Path("build", "dependencies")
VENDORED: Final = Path("build", "lambda")
PYTHON: Final = Path(".venv", "bin", "python")
_LAST_LINES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependencies:
    """Installed dependencies.

    Attributes:
        python: that imports them.
        vendored: the functions', a folder for each.
    """

    python: Path
    vendored: Path


def dependencies(root: Path, tree: Path, notify: Callable[[str], None]) -> Dependencies | str:
    """Return what the checkout `tree` of the repository `root` is synthesized with, or why it cannot be installed.

    Args:
        root: of this checkout.
        tree: the other one.
        notify: is told before anything is installed, which takes minutes.
    """
    if locked(root) == locked(tree):
        return Dependencies(python=Path(sys.executable), vendored=root / VENDORED)
    kept = root / KEPT / locked(tree)
    if not kept.is_dir():
        notify(
            f"its locked dependencies are others, and are installed into {KEPT}, which takes minutes, once"
        )
        failure = _install(tree, kept)
        if failure:
            return failure
    return Dependencies(python=kept / PYTHON, vendored=kept / VENDORED.name)


def locked(tree: Path) -> str:
    """Return the digest of what the dependencies of the checkout `tree` are installed from."""
    digest = hashlib.sha256(sys.version.encode())
    for name in LOCKS:
        content = (tree / name).read_bytes() if (tree / name).is_file() else b""
        digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()


def _install(tree: Path, kept: Path) -> str:
    """Have `tree` install its dependencies and move them to `kept`; return what went wrong, or nothing."""
    environment = {
        name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}
    }
    command = ["make", "setup", f"PYTHON={sys.executable}"]
    # What make says on standard output is as much of its message.
    code, said = run(["sh", "-c", 'exec "$@" >&2', "sh", *command], tree, environment)
    if code:
        return "\n".join(said.splitlines()[-_LAST_LINES:])
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".new-") as name:
        new = Path(name) / "dependencies"
        new.mkdir()
        # A virtual environment's Python finds its packages from where it is (PEP 405).
        shutil.move(tree / PYTHON.parts[0], new / PYTHON.parts[0])
        shutil.move(tree / VENDORED, new / VENDORED.name)
        # A run at the same time may have been first: its dependencies are the same.
        if not kept.exists():
            new.rename(kept)
    return ""
