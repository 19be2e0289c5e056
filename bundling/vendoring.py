"""Unpack each Lambda function's locked dependencies into `build/lambda/<function>/`.

The Pipfile has one category per function (`[tenant-api]` for `lambda_src/tenant_api`). pip checks every hash.
What the Lambda runtime brings itself is left out: boto3 and what boto3 needs
(https://docs.aws.amazon.com/lambda/latest/dg/lambda-python.html, "Runtime-included SDK versions").
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from bundling.requirements import requirements
from config.machine import EXIT_REFUSED, refused
from progress.showing import working
from tenancy.versions import FUNCTION_PYTHON

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "Pipfile.lock"
SOURCES = ROOT / "lambda_src"
TARGET = ROOT / "build" / "lambda"
RUNTIME_PROVIDED = frozenset(
    {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3"}
)

DATABASE_FUNCTION = "database_provisioner"
RDS_AUTHORITIES = "rds-authorities.pem"
"""Beside the function's package: no system and no Python runtime of Lambda trusts the authorities of RDS
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html)."""
PIP_OPTIONS = (
    # Wheels for the functions' Python, whatever Python runs this script.
    "--quiet",
    "--require-hashes",
    "--no-deps",
    "--no-compile",
    # Pure Python only: the same bytes serve x86_64 and arm64, AWS and the local emulator.
    "--only-binary=:all:",
    "--platform=any",
    "--implementation=py",
    "--abi=none",
    f"--python-version={FUNCTION_PYTHON}",
)


def category(function: str) -> str:
    """Return the Pipfile category of the function whose source folder is `function`."""
    return function.replace("_", "-")


def vendor(function: str, locked: dict[str, dict[str, object]]) -> Path:
    """Install the `locked` packages of `function` and return the folder that holds them."""
    wanted = {name: entry for name, entry in locked.items() if name not in RUNTIME_PROVIDED}
    TARGET.mkdir(parents=True, exist_ok=True)
    # A synthesis may read the old folder now: fill a new one, then put it in its place.
    with tempfile.TemporaryDirectory(dir=TARGET) as name:
        fresh, listing = Path(name) / function, Path(name) / "requirements.txt"
        listing.write_text(requirements(wanted))
        where = (f"--target={fresh}", f"--requirement={listing}")
        subprocess.run([sys.executable, "-m", "pip", "install", *PIP_OPTIONS, *where], check=True)
        if function == DATABASE_FUNCTION:
            (fresh / RDS_AUTHORITIES).write_text(rds_authorities())
        shutil.rmtree(TARGET / function, ignore_errors=True)
        fresh.rename(TARGET / function)
    return TARGET / function


def rds_authorities() -> str:
    """Return the certificate authorities of Amazon RDS as PEM text, from the locked npm package."""
    script = Path(__file__).with_name("rds_authorities.cjs")
    return subprocess.run(
        ["node", str(script)], cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True
    ).stdout


def main() -> int:
    """Vendor the dependencies of every function in `lambda_src`, and return the exit code."""
    try:
        lock = json.loads(LOCK.read_text())
        functions = sorted(path.name for path in SOURCES.iterdir() if (path / "handler.py").exists())
        with working("vendoring the functions' dependencies", total=len(functions)) as work:
            for function in functions:
                folder = vendor(function, lock[category(function)])
                work.step()
                work.say(f"vendored {function} into {folder.relative_to(ROOT)}")
    except subprocess.CalledProcessError as error:
        # What it says about why is above.
        print(f"vendoring: {Path(error.cmd[0]).name} ended with {error.returncode}", file=sys.stderr)
        return EXIT_REFUSED
    except OSError as error:
        print(f"vendoring: {refused(error)}", file=sys.stderr)
        return EXIT_REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
