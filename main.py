"""The app: reads settings and registry, and makes a stack of each. The only place that reads the environment."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from pathlib import Path

import config.engine  # noqa: F401 (first: it chooses jsii's Node.js and the lazy bindings)

# isort: split
from cdktf import App, TerraformStack

from config.naming import Naming
from config.problems import ConfigurationError, Problem
from config.registry import Registry, load_registry
from config.settings import Settings, load_settings
from constructs.lambda_package import PackageError
from stacks.parallel_synthesis import SynthesisError, shares, synthesize
from stacks.shared_platform_stack import SharedPlatformStack, SharedPlatformStackProps
from stacks.tenant_stack import TenantStack, TenantStackProps

ROOT = Path(__file__).resolve().parent
EXIT_BAD_INPUT = 2
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
    """
    makers = selected(stacks_of(settings, registry), settings.stacks)
    app = App(outdir=outdir)
    for make in makers.values():
        make(app)
    return app


def stacks_of(settings: Settings, registry: Registry) -> dict[str, Callable[[App], TerraformStack]]:
    """Return what makes each stack, by the stack's id. Nothing is made yet: who wants one pays for one."""
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


def selected(
    makers: Mapping[str, Callable[[App], TerraformStack]], wanted: Collection[str]
) -> Mapping[str, Callable[[App], TerraformStack]]:
    """Return those of `makers` that `wanted` names, or all where it names none.

    Raises:
        ConfigurationError: it names a stack that is not there.
    """
    known = ", ".join([*list(makers)[:SHOWN_STACKS], *(["..."] if len(makers) > SHOWN_STACKS else [])])
    unknown = [stack for stack in wanted if stack not in makers]
    if unknown:
        expected = f"stacks of the registry: {known}"
        raise ConfigurationError(
            [Problem(where="STACKS", received=stack, expected=expected) for stack in unknown]
        )
    return {stack: make for stack, make in makers.items() if not wanted or stack in wanted}


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


def synthesize_all(settings: Settings, registry: Registry) -> None:
    """Write the stacks that the settings name to `CDKTF_OUTDIR`, in several processes where there are many.

    Raises:
        ConfigurationError: the settings name a stack that the registry does not give.
        PackageError: a function cannot be packed.
        SynthesisError: another process could not synthesize its share.
    """
    wanted = selected(stacks_of(settings, registry), settings.stacks)
    dealt = shares(list(wanted), settings.processes or cores())
    outdir = os.environ.get("CDKTF_OUTDIR") or "cdktf.out"
    if len(dealt) == 1:
        build_app(settings, registry, outdir=outdir).synth()
        return

    def here(share: Sequence[str], outdir: Path) -> None:
        own = settings.model_copy(update={"stacks": tuple(share)})
        build_app(own, registry, outdir=str(outdir)).synth()

    def elsewhere(share: Sequence[str], outdir: Path) -> tuple[list[str], dict[str, str]]:
        optimized = ["-O"] if sys.flags.optimize else []
        variables = {"STACKS": ",".join(share), "SYNTH_PROCESSES": "1", "CDKTF_OUTDIR": str(outdir)}
        return [sys.executable, *optimized, str(ROOT / "main.py")], {**os.environ, **variables}

    synthesize(dealt, here=here, elsewhere=elsewhere, outdir=Path(outdir))


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def main() -> int:
    """Synthesize the stacks; return the exit code."""
    try:
        synthesize_all(*load())
    except (ConfigurationError, PackageError) as error:
        print(error, file=sys.stderr)
        return EXIT_BAD_INPUT
    except SynthesisError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
