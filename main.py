"""The app: reads settings and registry, and makes a stack of each. The only place that reads the environment."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import config.engine  # noqa: F401 (first: it chooses jsii's Node.js and the lazy bindings)

# isort: split
from cdktf import App

from config.naming import Naming
from config.problems import ConfigurationError, Problem
from config.registry import Registry, load_registry
from config.settings import Settings, load_settings
from constructs.lambda_package import PackageError
from stacks.shared_platform_stack import SharedPlatformStack, SharedPlatformStackProps
from stacks.tenant_stack import TenantStack, TenantStackProps

ROOT = Path(__file__).resolve().parent
EXIT_BAD_INPUT = 2


def build_app(settings: Settings, registry: Registry, *, outdir: str | None = None) -> App:
    """Return the app with every stack of `registry` in it; nothing is written before `synth`.

    Args:
        settings: of the run.
        registry: validated.
        outdir: where `synth` writes; `None` leaves it to the cdktf command line (`cdktf.out`).
    """
    app = App(outdir=outdir)
    naming = Naming(suffix=settings.environment_suffix)
    for id_, silo in registry.silos.items():
        names = naming.tenant(id_)
        created_at = settings.created_at or registry.tenants[id_].created_at or registry.created_at
        props = TenantStackProps(settings=settings, created_at=created_at, naming=names, silo=silo)
        TenantStack(app, names.stack, props)
    if registry.platform:
        shared = SharedPlatformStackProps(
            settings=settings,
            created_at=settings.created_at or registry.created_at,
            naming=naming.platform,
            platform=registry.platform,
            tenants=registry.fargate_tenants,
        )
        SharedPlatformStack(app, naming.platform.stack, shared)
    return app


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


def main() -> int:
    """Synthesize all stacks; return the exit code."""
    try:
        settings, registry = load()
        app = build_app(settings, registry)
    except (ConfigurationError, PackageError) as error:
        print(error, file=sys.stderr)
        return EXIT_BAD_INPUT
    app.synth()
    return 0


if __name__ == "__main__":
    sys.exit(main())
