"""The app: environment in, stacks out. The only module of a synthesis that reads the environment."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import Final

import synthesis.jsii  # noqa: F401 (first: it prepares the process for cdktf)

# isort: split
from bundling.packages import packages
from config.loading import load
from config.machine import EXIT_REFUSED, refused
from config.problems import ConfigurationError, Problem, Refusal
from extensions.planning import plans
from fleet.limits import FILE, load_limits
from fleet.quota import refuse_excess
from progress.showing import working
from synthesis.kept import KeptStacks
from synthesis.output import prepare
from synthesis.processes import cores, deal, for_share, synthesize
from synthesis.provider_lock import lock_provider
from synthesis.unchanged import Program, Synthesize, synthesize_changed
from tenancy.extending import extended, house
from tenancy.fleet import Fleet
from tenancy.plans import ExtensionPlan
from tenancy.versions import AWS_PROVIDER, AWS_PROVIDER_HASHES

ROOT = Path(__file__).resolve().parent
SHARE: Final = "--share"
"""The argument of a process that synthesizes a part of the stacks."""
SYSTEM_ERROR: Final = re.compile(r"\bE[A-Z]+: (?P<reason>[^,\n]+), \w+(?: '(?P<path>[^'\n]*)')?")
"""How Node.js words what the system refused (https://nodejs.org/api/errors.html#class-systemerror)."""
CDKTF: Final = "CDKTF_CONTEXT_JSON"
"""A variable that the cdktf command sets for the app that it starts."""
CACHE: Final = ROOT / "build" / "synthesis"


def write_stacks() -> None:
    """Synthesize the stacks that the environment asks for, those alone that changed where the others are kept.

    Raises:
        Refusal: something in the environment, the registry, the output folder or a function's package cannot be used,
            or an account cannot hold the stacks.
    """
    settings, registry = load(os.environ, root=ROOT)
    limits = load_limits((ROOT / settings.registry).with_name(FILE))
    fleet = extended(settings, registry, plans(house(settings, registry))).select(settings.stacks)
    outdir = Path(os.environ.get("CDKTF_OUTDIR") or "cdktf.out")
    prepare(outdir)
    if SHARE in sys.argv:
        # Whoever asked for a part looks for stacks that are kept, and at the whole.
        synthesize_here(fleet, outdir)
        return
    synthesize_these = partial(synthesize_shares, fleet, settings.processes or cores())
    # The cdktf command shows its own, and what comes from us as errors.
    with nullcontext() if CDKTF in os.environ else working(f"synthesizing, stacks: {len(fleet.ids):,}"):
        if settings.cache and fleet.ids:
            synthesize_those_that_changed(fleet, outdir, synthesize_these)
        else:
            synthesize_these(fleet.ids, outdir)
        lock_provider(outdir, fleet.ids, version=AWS_PROVIDER, hashes=AWS_PROVIDER_HASHES)
        if fleet.ids:
            refuse_excess(outdir, limits)


def synthesize_those_that_changed(fleet: Fleet, outdir: Path, synthesize_these: Synthesize) -> None:
    """Take the stacks that are kept from the cache; `synthesize_these` writes the others."""
    packed = packages().values()
    paths = {package.sha256: package.path for package in packed}
    keys = {package.sha256: package.object_key for package in packed}
    modules = ("extensions", "stacks", "synthesis")
    program = Program(root=ROOT, modules=modules, variables=os.environ, packages=sorted(paths))
    by_id = {plan.id: plan for plan in fleet.stacks}
    synthesize_changed(by_id, program, KeptStacks(CACHE, paths, keys), outdir, synthesize_these)


def synthesize_shares(fleet: Fleet, processes: int, ids: Sequence[str], outdir: Path) -> None:
    """Synthesize the stacks `ids` of `fleet`, in several processes where there are many."""
    shares = deal(ids, processes)
    if len(shares) == 1:
        synthesize_here(fleet.select(ids), outdir)
        return
    # -O leaves out jsii's checks of argument types, a fifth of the time; mypy has made them.
    command = [sys.executable, "-O", str(ROOT / "main.py"), SHARE]
    synthesize(shares, command=command, environment=partial(for_share, os.environ), outdir=outdir)


def synthesize_here(fleet: Fleet, outdir: Path) -> None:
    """Synthesize `fleet` in this process.

    Raises:
        ConfigurationError: there is a plan of a user's own stack, and nothing that makes the stack.
    """
    # Imported here: cdktf starts a Node.js process, which a process that only deals stacks out never needs.
    from extensions.stacks import STACKS as EXTENSIONS
    from stacks.app import FleetApp

    for plan in fleet.stacks:
        if isinstance(plan, ExtensionPlan) and plan.name not in EXTENSIONS:
            expected = f"one of {', '.join(sorted(EXTENSIONS)) or 'none'}"
            raise ConfigurationError(
                [Problem(where="extensions/stacks.py: STACKS", received=plan.name, expected=expected)]
            )
    FleetApp(fleet, outdir=str(outdir), extensions=EXTENSIONS).synth()


def main() -> int:
    """Synthesize the stacks; return the exit code."""
    try:
        write_stacks()
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return refusal.exit_code
    except OSError as error:
        return _end(error)
    except RuntimeError as error:
        # jsii's, of what Node.js could not do.
        refused_there = SYSTEM_ERROR.search(str(error))
        if refused_there is None:
            raise
        return _end(OSError(0, refused_there["reason"], refused_there["path"]))
    return 0


def _end(error: OSError) -> int:
    """Say in one line what the machine refused, and return the exit code."""
    # A process of jsii's that never began complains of itself at the end.
    sys.unraisablehook = lambda _: None
    print(refused(error), file=sys.stderr)
    return EXIT_REFUSED


if __name__ == "__main__":
    sys.exit(main())
