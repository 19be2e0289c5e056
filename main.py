"""The app: environment in, stacks out. The only module of a synthesis that reads the environment."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import synthesis.jsii  # noqa: F401 (first: it prepares the process for cdktf)

# isort: split
from bundling.packages import packages
from config.loading import load
from config.problems import ConfigurationError, Problem, Refusal
from fleet.limits import FILE, load_limits
from fleet.quota import refuse_excess
from synthesis.kept import KeptStacks
from synthesis.processes import MANIFEST, STACKS, cores, deal, synthesize
from synthesis.provider_lock import lock_provider
from synthesis.unchanged import Program, synthesize_changed
from tenancy.fleet import Fleet
from tenancy.resolution import resolve
from tenancy.versions import AWS_PROVIDER, AWS_PROVIDER_HASHES

ROOT = Path(__file__).resolve().parent
OUTDIR = "cdktf.out"
SHARE = "--share"
"""The argument of a process that synthesizes a part of the stacks."""
CACHE: Final = ROOT / "build" / "synthesis"


def write_stacks() -> None:
    """Synthesize the stacks that the environment asks for, in several processes where there are many.

    Raises:
        Refusal: something in the environment, the registry, the output folder or a function's package cannot be used,
            or an account cannot hold the stacks.
    """
    settings, registry = load(os.environ, root=ROOT)
    limits = load_limits((ROOT / settings.registry).with_name(FILE))
    fleet = resolve(settings, registry).select(settings.stacks)
    outdir = Path(os.environ.get("CDKTF_OUTDIR") or OUTDIR)
    prepare(outdir)
    if SHARE in sys.argv:
        # Whoever asked for a part looks for stacks that are kept, and at the whole.
        synthesize_here(fleet, outdir)
        return

    def synthesize_these(ids: Sequence[str], folder: Path) -> None:
        shares = deal(ids, settings.processes or cores())
        if len(shares) == 1:
            synthesize_here(fleet.select(ids), folder)
        else:
            synthesize_in_processes(shares, folder)

    if settings.cache and fleet.ids:
        packed = {package.sha256: package.path for package in packages().values()}
        keys = {package.sha256: package.object_key for package in packages().values()}
        program = Program(
            root=ROOT, modules=("stacks", "synthesis"), variables=os.environ, packages=sorted(packed)
        )
        plans = {plan.id: plan for plan in fleet.stacks}
        synthesize_changed(plans, program, KeptStacks(CACHE, packed, keys), outdir, synthesize_these)
    else:
        synthesize_these(fleet.ids, outdir)
    lock_provider(outdir, fleet.ids, version=AWS_PROVIDER, hashes=AWS_PROVIDER_HASHES)
    if fleet.ids:
        refuse_excess(outdir, limits)


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


def synthesize_here(fleet: Fleet, outdir: Path) -> None:
    """Synthesize `fleet` in this process."""
    # Imported here: cdktf starts a Node.js process, which a process that only deals stacks out never needs.
    from stacks.app import FleetApp

    FleetApp(fleet, outdir=str(outdir)).synth()


def synthesize_in_processes(shares: Sequence[Sequence[str]], outdir: Path) -> None:
    """Synthesize each of `shares` in a process of its own.

    Raises:
        Refusal: a process could not.
    """

    def environment(share: Sequence[str], folder: Path) -> dict[str, str]:
        variables = {"STACKS": ",".join(share), "SYNTH_PROCESSES": "1", "CDKTF_OUTDIR": str(folder)}
        return {**os.environ, **variables}

    # -O leaves out jsii's checks of argument types, a fifth of the time; mypy has made them.
    command = [sys.executable, "-O", str(ROOT / "main.py"), SHARE]
    synthesize(shares, command=command, environment=environment, outdir=outdir)


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
