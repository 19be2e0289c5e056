"""Everything that a run reads: the environment's variables, and the registry that they name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from config.problems import ConfigurationError, Problem
from config.regions import registry_problems
from config.registry.loading import load_registry
from config.registry.models import Registry
from config.settings import Settings, load_settings


def load(environment: Mapping[str, str], *, root: Path) -> tuple[Settings, Registry]:
    """Read and validate the settings and the registry.

    Args:
        environment: the environment's variables.
        root: folder that a relative path of the registry is relative to.

    Raises:
        ConfigurationError: every mistake in the variables, or every mistake in the registry, or what the registry has
            and the region cannot hold.
    """
    settings = load_settings(environment)
    path = root / settings.registry
    # Not Path.is_file, which raises for a path that is too long or that may not be looked up.
    if not os.path.isfile(path):  # noqa: PTH113
        expected = "the path of a tenant registry"
        raise ConfigurationError(
            [Problem(where="TENANT_REGISTRY", received=settings.registry, expected=expected)]
        )
    registry = load_registry(path, name=settings.registry, profile=settings.profile, region=settings.region)
    problems = registry_problems(
        settings.region,
        settings.availability_zones,
        platform=registry.platform is not None,
        fargate_tenants=bool(registry.fargate_tenants),
    )
    if found := tuple(problems):
        raise ConfigurationError(found)
    return settings, registry
