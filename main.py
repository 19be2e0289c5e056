"""The app: environment in, stacks out. The only module that reads the environment."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import synthesis.jsii  # noqa: F401 (first: it prepares the process for cdktf)

# isort: split
from config.loading import load
from config.problems import ConfigurationError, Problem, Refusal
from synthesis.processes import MANIFEST, STACKS, cores, deal, synthesize
from tenancy.fleet import Fleet
from tenancy.resolution import resolve

ROOT = Path(__file__).resolve().parent
OUTDIR = "cdktf.out"


def write_stacks() -> None:
    """Synthesize the stacks that the environment asks for, in several processes where there are many.

    Raises:
        Refusal: something in the environment, the registry, the output folder or a function's package cannot be used.
    """
    settings, registry = load(os.environ, root=ROOT)
    fleet = resolve(settings, registry).select(settings.stacks)
    outdir = os.environ.get("CDKTF_OUTDIR") or OUTDIR
    prepare(Path(outdir))
    shares = deal(fleet.ids, settings.processes or cores())
    if len(shares) == 1:
        synthesize_here(fleet, outdir)
        return

    def environment(share: Sequence[str], folder: Path) -> dict[str, str]:
        variables = {"STACKS": ",".join(share), "SYNTH_PROCESSES": "1", "CDKTF_OUTDIR": str(folder)}
        return {**os.environ, **variables}

    # -O leaves out jsii's checks of argument types, a fifth of the time; mypy has made them.
    command = [sys.executable, "-O", str(ROOT / "main.py")]
    synthesize(shares, command=command, environment=environment, outdir=Path(outdir))


def prepare(outdir: Path) -> None:
    """Make the output folder `outdir`, and all folders above it.

    Raises:
        ConfigurationError: it cannot be made or written to, or something else is in the way of what it will hold.
    """
    reason = None
    try:
        (outdir / STACKS).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=outdir), tempfile.TemporaryFile(dir=outdir / STACKS):
            pass
        if (outdir / MANIFEST).is_dir():
            reason = f"{MANIFEST} is a folder"
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
    if reason:
        expected = f"a folder that can be made and written to ({reason})"
        raise ConfigurationError([Problem(where="CDKTF_OUTDIR", received=str(outdir), expected=expected)])


def synthesize_here(fleet: Fleet, outdir: str) -> None:
    """Synthesize `fleet` in this process."""
    # Imported here: cdktf starts a Node.js process, which a process that only deals stacks out never needs.
    from stacks.app import build_app

    build_app(fleet, outdir=outdir).synth()


def main() -> int:
    """Synthesize the stacks; return the exit code."""
    try:
        write_stacks()
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return refusal.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
