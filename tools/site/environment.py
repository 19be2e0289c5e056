"""Install what builds the documentation's site into `build/docs/`, apart from the project's own environment.

    python -m tools.site.environment

MkDocs Material comes from the Pipfile's category `docs`, each package by its hash. The script that draws the diagrams
in the browser is one file of the npm package `mermaid`, by its SHA-256: the package's hundred dependencies, which that
file already contains, are not installed.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any, Final

from bundling.requirements import requirements
from config.machine import refused
from progress.showing import working

ROOT: Final = Path(__file__).resolve().parents[2]
LOCK: Final = ROOT / "Pipfile.lock"
HOME: Final = ROOT / "build" / "docs"
MERMAID: Final = "mermaid@11.16.0"
MERMAID_FILE: Final = "package/dist/mermaid.min.js"
MERMAID_SHA256: Final = "74d7c46dabca328c2294733910a8aa1ed0c37451776e8d5295da38a2b758fb9b"
"""Of `MERMAID_FILE` in the package that npm publishes (read 2026-11-28)."""
EXIT_MISSING: Final = 2


class InstallationError(Exception):
    """Something that the site needs cannot be had; the message says what, in one line."""


def install(home: Path = HOME) -> None:
    """Fill `home`; what was there before goes, and nothing is left where something cannot be had.

    Raises:
        InstallationError: pip or npm failed, or the script is not the one that was looked at.
    """
    shutil.rmtree(home, ignore_errors=True)
    try:
        home.mkdir(parents=True)
        (home / "mermaid.min.js").write_bytes(_script())
        _packages(home / "environment")
    except BaseException:
        shutil.rmtree(home, ignore_errors=True)
        raise


def _packages(environment: Path) -> None:
    lock: dict[str, Any] = json.loads(LOCK.read_text())
    _run([sys.executable, "-m", "venv", str(environment)])
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder) / "requirements.txt"
        listing.write_text(requirements(lock["docs"]))
        pip = [
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "--no-deps",
            "--require-hashes",
        ]
        _run([str(environment / "bin" / "python"), *pip, f"--requirement={listing}"])


def _script() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        _run(["npm", "pack", MERMAID, "--silent", f"--pack-destination={folder}"])
        (package,) = Path(folder).glob("*.tgz")
        with tarfile.open(package) as archive:
            member = archive.extractfile(MERMAID_FILE)
            content = member.read() if member else b""
    received = hashlib.sha256(content).hexdigest()
    if received != MERMAID_SHA256:
        raise InstallationError(
            f"{MERMAID} {MERMAID_FILE}: received SHA-256 {received}, expected {MERMAID_SHA256}"
        )
    return content


def _run(command: list[str]) -> None:
    """Run `command` in silence.

    Raises:
        InstallationError: it is not there, or it failed.
    """
    try:
        subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError as error:
        raise InstallationError(f"{command[0]}: received no such command, expected it on PATH") from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout).strip().splitlines() or ["nothing"]
        raise InstallationError(
            f"{' '.join(command[:3])}: ended with {error.returncode}: {said[-1]}"
        ) from error


def main() -> int:
    """Install, and return the exit code."""
    try:
        with working("installing what builds the documentation's site"):
            install()
    except InstallationError as error:
        print(f"setup-docs: {error}", file=sys.stderr)
        return EXIT_MISSING
    except OSError as error:
        print(f"setup-docs: {refused(error)}", file=sys.stderr)
        return EXIT_MISSING
    print(f"installed MkDocs Material and {MERMAID} into {HOME.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
