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


def link_packages(folder: Path) -> None:
    """Fill `folder` with links to every package of the repository, each a package in the linter's eyes."""
    packages = [
        ROOT / name
        for name in ("config", "constructs", "stacks", "emulator", "terraform", "tools", "isolation")
    ]
    packages += [path.parent for path in sorted((ROOT / "lambda_src").glob("*/handler.py"))]
    for source in packages:
        if source.is_dir():
            _link_package(source, folder / source.name)
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
