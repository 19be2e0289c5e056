"""Reads a tenant registry and reports every mistake in it at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from config.formats import ENVIRONMENT_SUFFIX_EXPECTED
from config.problems import ConfigurationError, Problem
from config.profiles import EnvironmentProfile
from config.registry.checks import (
    alarm_problems,
    allocation_problems,
    certificate_problems,
    entry_problems,
    environment_problems,
    tls_problems,
)
from config.registry.custom_hosts import custom_host_problems
from config.registry.database_checks import connection_problems, instance_problems
from config.registry.environments import Environment
from config.registry.fields import TENANT_ID_EXPECTED
from config.registry.models import Registry
from config.registry.tasks import collector_problems, image_problems
from config.yaml_file import Document, Location, read_yaml


def load_registry(
    path: Path, *, name: str, profile: EnvironmentProfile, region: str | None = None
) -> Registry:
    """Read the registry at `path` and validate it whole.

    Args:
        path: the YAML file.
        name: how messages name it.
        profile: of the environment; some rules hold in production alone.
        region: of the stacks, which a certificate must be of; `None` takes any.

    Raises:
        ConfigurationError: every mistake in the file, in the order of its lines.
    """
    return validated(read_yaml(path, name=name), profile=profile, region=region)


def validated(
    document: Document,
    *,
    profile: EnvironmentProfile,
    region: str | None = None,
    declared: Environment | None = None,
) -> Registry:
    """Validate the registry that `document` holds, as `load_registry` does.

    Args:
        document: the registry's file.
        profile: of the run's environment.
        region: of the stacks, which a certificate must be of; `None` takes any.
        declared: what the registry declares of the run's environment; `None` where it is nothing.

    Raises:
        ConfigurationError: every mistake in the file, in the order of its lines.
    """
    found: list[tuple[Location, Problem]] = []
    registry = None
    try:
        registry = Registry.model_validate(document.value)
    except ValidationError as error:
        found += _field_problems(document, error)
    found += allocation_problems(document)
    found += entry_problems(document, profile)
    found += tls_problems(document, profile)
    found += alarm_problems(document)
    if registry is not None:
        found += environment_problems(document, registry)
        found += instance_problems(document, registry)
        found += collector_problems(document, registry.environments)
        found += connection_problems(document, registry, profile, declared)
    if registry is not None and declared is not None:
        images = {tenant: fargate.image for tenant, fargate in registry.fargate_tenants.items()}
        found += image_problems(document, declared, images)
    if registry is not None and registry.platform and region:
        account = declared.account if declared else None
        found += certificate_problems(document, registry.platform.certificate_arn, region, account)
    if registry is not None and registry.platform:
        platform, tenants = registry.platform, registry.fargate_tenants.items()
        found += custom_host_problems(
            document,
            {tenant: fargate.custom_hosts for tenant, fargate in tenants if fargate.custom_hosts},
            domain=platform.domain,
            encrypted=bool(platform.certificate_arn or platform.hosted_zone_id),
            region=region,
            account=declared.account if declared else None,
        )
    if document.problems or found or registry is None:
        places = {location for location, _ in found}
        found += [(location, problem) for location, problem in document.problems if location not in places]
        ordered = sorted(found, key=lambda item: document.line(item[0]))
        raise ConfigurationError([problem for _, problem in ordered])
    return registry


def _field_problems(document: Document, error: ValidationError) -> Iterator[tuple[Location, Problem]]:
    """Turn pydantic's errors, each about one field, into problems; one for each place."""
    seen: set[Location] = set()
    for detail in error.errors():
        of_key = detail["loc"][-1:] == ("[key]",)
        location, expected = _place(detail["loc"][:-1] if of_key else detail["loc"])
        if location in seen:
            continue
        seen.add(location)
        received = None if detail["type"] == "missing" else detail["input"]
        if detail["type"] == "extra_forbidden":
            received = location[-1]
        if of_key:
            of_environment = location[0] == "environments"
            received = location[-1]
            expected = ENVIRONMENT_SUFFIX_EXPECTED if of_environment else TENANT_ID_EXPECTED
        if isinstance(received, Mapping | list) and detail["type"] not in {"missing", "extra_forbidden"}:
            received = f"a {'mapping' if isinstance(received, Mapping) else 'list'}"
        yield location, Problem(where=document.where(location), received=received, expected=expected)


def _place(loc: tuple[int | str, ...]) -> tuple[Location, str]:
    """Return the location in the file that pydantic's `loc` names, and what the models expect there.

    `loc` also names branches of unions (`int`, `literal[...]`), which are no keys of the file.
    """
    model: type[BaseModel] | None = Registry
    location: list[str | int] = []
    expected = "a mapping with the keys 'created_at' and 'tenants'"
    remaining = list(loc)
    while remaining:
        step = remaining.pop(0)
        if isinstance(step, int):
            location.append(step)
            continue
        if model is None:
            continue
        location.append(step)
        field = model.model_fields.get(str(step))
        if field is None:
            return tuple(location), f"one of the keys {', '.join(map(repr, model.model_fields))}"
        expected = field.description or ""
        model, keyed = _nested(field)
        if keyed and remaining:
            location.append(remaining.pop(0))
            if remaining:
                continue
            expected = (
                f"a mapping with the keys {', '.join(map(repr, model.model_fields))}" if model else expected
            )
    return tuple(location), expected


def _nested(field: FieldInfo) -> tuple[type[BaseModel] | None, bool]:
    """Return the model that `field` holds, if any, and whether it holds one for each key."""
    candidates: list[Any] = [field.annotation]
    keyed = False
    while candidates:
        candidate = candidates.pop()
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate, keyed
        arguments = get_args(candidate)
        keyed = keyed or (len(arguments) == 2 and arguments[0] is not None and "Mapping" in str(candidate))  # noqa: PLR2004
        candidates += arguments
    return None, False
