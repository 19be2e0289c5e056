"""Run import-linter on our packages, with our `constructs` in place of the library's.

The library's `constructs` is a package with an `__init__.py`, ours has none and joins its namespace at run time
(docs/decisions/0002). A linter that reads files would find the library and check nothing of ours. So it gets a folder
of links in which `constructs` is ours alone.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = frozenset({"build", "cdktf.out", "node_modules", "tests"})


def packages() -> dict[str, Path]:
    """Return every folder of Python in the repository by the name it is imported with, tests left out."""
    folders = [path for path in sorted(ROOT.iterdir()) if path.is_dir() and path.name not in LEFT_OUT]
    found = {path.name: path for path in folders if not path.name.startswith(".") and any(path.rglob("*.py"))}
    # Each function is a package at the root of its zip, and so is what the functions share.
    functions = found.pop("lambda_src")
    return found | {path.name: path for path in sorted(functions.iterdir()) if any(path.glob("*.py"))}


def link_packages(folder: Path) -> None:
    """Fill `folder` with links to every package of the repository, each a package in the linter's eyes."""
    for name, source in packages().items():
        _link_package(source, folder / name)
    # The linter's roots must be packages.
    (folder / "main").mkdir()
    (folder / "main" / "__init__.py").symlink_to(ROOT / "main.py")


def _link_package(source: Path, target: Path) -> None:
    target.mkdir()
    if not (source / "__init__.py").exists():
        (target / "__init__.py").touch()
    for path in sorted(source.iterdir()):
        if path.is_dir() and any(path.glob("*.py")):
            _link_package(path, target / path.name)
        elif path.suffix == ".py":
            (target / path.name).symlink_to(path)


def main() -> int:
    """Return import-linter's exit code."""
    with tempfile.TemporaryDirectory() as name:
        link_packages(Path(name))
        command = [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"]
        command += ["--config", str(ROOT / ".importlinter")]
        environment = {**os.environ, "PYTHONPATH": name}
        return subprocess.run(command, cwd=name, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
