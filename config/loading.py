"""Everything that a run reads: the environment's variables, and the registry that they name."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from config.environments import PROFILE, SUFFIX, completed, declared, disagreements
from config.problems import ConfigurationError, Problem
from config.profiles import DEVELOPMENT, PROFILES
from config.regions import registry_problems
from config.registry.environments import Environment
from config.registry.loading import validated
from config.registry.models import Registry
from config.settings import Settings, load_settings
from config.yaml_file import Document, read_yaml

REGISTRY: Final = "TENANT_REGISTRY"


def load(environment: Mapping[str, str], *, root: Path) -> tuple[Settings, Registry]:
    """Read and validate the settings and the registry.

    Args:
        environment: the environment's variables.
        root: folder that a relative path of the registry is relative to.

    Raises:
        ConfigurationError: every mistake in the variables and in the registry; where there is none, what the registry
            has and the region does not support.
    """
    problems: list[Problem] = []
    document = entry = settings = registry = None
    suffix = environment.get(SUFFIX) or Settings.model_fields["environment_suffix"].default
    try:
        document = _document(environment, root)
        entry = declared(document, suffix)
        problems += disagreements(environment, entry, document, suffix)
    except ConfigurationError as error:
        problems += error.problems
    variables = completed(environment, entry)
    try:
        settings = load_settings(variables, entry)
    except ConfigurationError as error:
        problems += error.problems
    try:
        registry = _validated(document, settings, variables, entry) if document else None
    except ConfigurationError as error:
        problems += error.problems
    if problems or settings is None or registry is None:
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


def _document(environment: Mapping[str, str], root: Path) -> Document:
    """Read the registry's file, whatever it says.

    Raises:
        ConfigurationError: there is no such file, or it is not YAML.
    """
    name = environment.get(REGISTRY) or Settings.model_fields["registry"].default
    path = root / name
    # Not Path.is_file, which raises for a path that is too long or that may not be looked up.
    if not os.path.isfile(path):  # noqa: PTH113
        expected = "the path of a tenant registry"
        raise ConfigurationError([Problem(where=REGISTRY, received=name, expected=expected)])
    return read_yaml(path, name=name)


def _validated(
    document: Document,
    settings: Settings | None,
    variables: Mapping[str, str],
    entry: Environment | None,
) -> Registry:
    """Validate the registry, as far as it can be without `settings` where the variables are wrong.

    Raises:
        ConfigurationError: every mistake in it.
    """
    if settings:
        return validated(document, profile=settings.profile, region=settings.region, declared=entry)
    profile = PROFILES.get(variables.get(PROFILE, ""), DEVELOPMENT)
    return validated(document, profile=profile, declared=entry)
