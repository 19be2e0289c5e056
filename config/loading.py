"""Everything that a run reads: the environment's variables, and the registry that they name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from config.problems import ConfigurationError, Problem
from config.profiles import DEVELOPMENT, PROFILES
from config.regions import registry_problems
from config.registry.loading import load_registry
from config.registry.models import Registry
from config.settings import Settings, load_settings

REGISTRY: Final = "TENANT_REGISTRY"


def load(environment: Mapping[str, str], *, root: Path) -> tuple[Settings, Registry]:
    """Read and validate the settings and the registry.

    Args:
        environment: the environment's variables.
        root: folder that a relative path of the registry is relative to.

    Raises:
        ConfigurationError: every mistake in the variables and in the registry, or else what the registry has and the
            region cannot hold.
    """
    settings, registry, problems = None, None, list[Problem]()
    try:
        settings = load_settings(environment)
    except ConfigurationError as error:
        problems += error.problems
    try:
        registry = _registry(environment, settings, root)
    except ConfigurationError as error:
        problems += error.problems
    if settings is None or registry is None:
        raise ConfigurationError(problems)
    found = tuple(
        registry_problems(
            settings.region,
            settings.availability_zones,
            platform=registry.platform is not None,
            fargate_tenants=bool(registry.fargate_tenants),
        )
    )
    if found:
        raise ConfigurationError(found)
    return settings, registry


def _registry(environment: Mapping[str, str], settings: Settings | None, root: Path) -> Registry:
    """Read the registry, as far as it can be without `settings` where the variables are wrong.

    Raises:
        ConfigurationError: there is none, or every mistake in it.
    """
    name = environment.get(REGISTRY) or Settings.model_fields["registry"].default
    path = root / name
    # Not Path.is_file, which raises for a path that is too long or that may not be looked up.
    if not os.path.isfile(path):  # noqa: PTH113
        expected = "the path of a tenant registry"
        raise ConfigurationError([Problem(where=REGISTRY, received=name, expected=expected)])
    profile = settings.profile if settings else PROFILES.get(environment.get("PROFILE", ""), DEVELOPMENT)
    return load_registry(path, name=name, profile=profile, region=settings.region if settings else None)
