"""The app: reads settings and registry, and makes a stack of each. The only place that reads the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import config.engine  # noqa: F401 (first: it chooses jsii's Node.js and the lazy bindings)

# isort: split
from config.naming import Naming
from config.problems import ConfigurationError, Problem, Refusal
from config.registry import Registry, load_registry
from config.settings import Settings, load_settings
from stacks.parallel_synthesis import shares, synthesize

# cdktf and what needs it are imported where they are used: the import starts the engine's Node.js, which a process
# that deals stacks out to others never needs.
if TYPE_CHECKING:
    from cdktf import App, TerraformStack

ROOT = Path(__file__).resolve().parent
SHOWN_STACKS = 10
"""Of the ids that a message names."""


def build_app(settings: Settings, registry: Registry, *, outdir: str | None = None) -> App:
    """Return the app with the stacks of `registry` that the settings name; nothing is written before `synth`.

    Args:
        settings: of the run.
        registry: validated.
        outdir: where `synth` writes; `None` is cdktf's own choice, `cdktf.out`.

    Raises:
        ConfigurationError: the settings name a stack that the registry does not give.
        PackageError: a function cannot be packed.
    """
    from cdktf import App

    wanted = selected(settings, registry)
    makers = stacks_of(settings, registry)
    app = App(outdir=outdir)
    for id_ in wanted:
        makers[id_](app)
    return app


def stacks_of(settings: Settings, registry: Registry) -> dict[str, Callable[[App], TerraformStack]]:
    """Return what makes each stack, by the stack's id. Nothing is made yet: who wants one pays for one."""
    from stacks.shared_platform_stack import SharedPlatformStack, SharedPlatformStackProps
    from stacks.tenant_stack import TenantStack, TenantStackProps

    naming = Naming(suffix=settings.environment_suffix)
    makers: dict[str, Callable[[App], TerraformStack]] = {}
    for id_, silo in registry.silos.items():
        names = naming.tenant(id_)
        created_at = settings.created_at or registry.tenants[id_].created_at or registry.created_at
        props = TenantStackProps(settings=settings, created_at=created_at, naming=names, silo=silo)
        makers[names.stack] = partial(TenantStack, id=names.stack, props=props)
    if registry.platform:
        stack = naming.platform.stack
        shared = SharedPlatformStackProps(
            settings=settings,
            created_at=settings.created_at or registry.created_at,
            naming=naming.platform,
            platform=registry.platform,
            tenants=registry.fargate_tenants,
        )
        makers[stack] = partial(SharedPlatformStack, id=stack, props=shared)
    return makers


def stack_ids(settings: Settings, registry: Registry) -> list[str]:
    """Return the ids of all stacks of `registry`, in the order in which they are made."""
    naming = Naming(suffix=settings.environment_suffix)
    silos = [naming.tenant(id_).stack for id_ in registry.silos]
    return [*silos, naming.platform.stack] if registry.platform else silos


def selected(settings: Settings, registry: Registry) -> list[str]:
    """Return the ids of the stacks that the settings name, or of all where they name none.

    Raises:
        ConfigurationError: they name a stack that is not there.
    """
    ids = stack_ids(settings, registry)
    _refuse_unknown(settings.stacks, ids)
    return [stack for stack in ids if not settings.stacks or stack in settings.stacks]


def _refuse_unknown(wanted: Collection[str], ids: Sequence[str]) -> None:
    known = ", ".join([*ids[:SHOWN_STACKS], *(["..."] if len(ids) > SHOWN_STACKS else [])])
    unknown = [stack for stack in wanted if stack not in ids]
    if unknown:
        expected = f"stacks of the registry: {known}"
        raise ConfigurationError(
            [Problem(where="STACKS", received=stack, expected=expected) for stack in unknown]
        )


def load() -> tuple[Settings, Registry]:
    """Read the environment's variables and the registry that they name.

    Raises:
        ConfigurationError: every mistake in the variables, or every mistake in the registry.
    """
    settings = load_settings(os.environ)
    path = ROOT / settings.registry
    if not path.is_file():
        problem = Problem(
            where="TENANT_REGISTRY", received=settings.registry, expected="the path of a tenant registry"
        )
        raise ConfigurationError([problem])
    return settings, load_registry(path, name=settings.registry, profile=settings.profile)


def write_stacks(settings: Settings, registry: Registry) -> None:
    """Synthesize the stacks that the settings name to `CDKTF_OUTDIR`, in several processes where there are many.

    Raises:
        ConfigurationError: the settings name a stack that the registry does not give.
        PackageError: a function cannot be packed.
        SynthesisError: one of the processes could not synthesize its share.
    """
    outdir = os.environ.get("CDKTF_OUTDIR") or "cdktf.out"
    dealt = shares(selected(settings, registry), settings.processes or cores())
    if len(dealt) == 1:
        build_app(settings, registry, outdir=outdir).synth()
        return

    def environment(share: Sequence[str], folder: Path) -> dict[str, str]:
        variables = {"STACKS": ",".join(share), "SYNTH_PROCESSES": "1", "CDKTF_OUTDIR": str(folder)}
        return {**os.environ, **variables}

    # -O leaves out jsii's checks of argument types, a fifth of the time; mypy has made them.
    command = [sys.executable, "-O", str(ROOT / "main.py")]
    synthesize(dealt, command=command, environment=environment, outdir=Path(outdir))


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main() -> int:
    """Synthesize the stacks; return the exit code."""
    try:
        write_stacks(*load())
    except Refusal as refusal:
        print(refusal, file=sys.stderr)
        return refusal.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
