"""The registry's entry: what the tenant had moves to `retired`, and is never given out again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from config.loading import load
from config.problems import ConfigurationError, Problem
from config.registry.models import Registry, Retired
from fleet.registry_file import Edit, edit
from fleet.registry_removal import Left, left_of, with_retired
from fleet.retirement.context import Context
from fleet.retirement.record import Retirement


def register(context: Context, retirement: Retirement) -> Mapping[str, Any]:
    """Move the tenant to `retired`, unless it is there or the request keeps its entry; return where that is written.

    Raises:
        ConfigurationError: the registry cannot be used or written. It is as it was.
    """
    tenant, erase = retirement.tenant, retirement.request.erase
    settings, registry = load(context.environment, root=context.root)
    if retirement.request.keep_entry:
        return {"kept": True}
    if tenant in registry.retired and tenant not in registry.tenants:
        return {"file": settings.registry, **_had(registry.retired[tenant])}
    if tenant not in registry.tenants:
        raise ConfigurationError(
            [
                Problem(
                    where=settings.registry,
                    received=tenant,
                    expected="a tenant of the registry, or a retired one",
                )
            ]
        )
    if erase and registry.tenants[tenant].fargate is None:
        expected = "none for a tenant that has no schema in the shared database"
        raise ConfigurationError([Problem(where="erase", received=erase, expected=expected)])
    left = left_of(registry.tenants[tenant], erase=erase)

    def change(before: Registry, text: str, name: str) -> Edit:
        edited, line = with_retired(text, tenant, left, name=name)
        return Edit(text=edited, expected=partial(_expected, before, tenant, left), line=line)

    name, line = edit(context.environment, change, root=context.root)
    return {"file": name, "line": line, **_had(Retired.model_validate(left))}


def _had(retired: Retired) -> dict[str, Any]:
    return retired.model_dump(mode="json", exclude_none=True)


def _expected(before: Registry, tenant: str, left: Left) -> Registry:
    """Return the registry in which the tenant is retired, and nothing else changed."""
    environments = {
        suffix: entry.model_copy(
            update={"unprotected": tuple(one for one in entry.unprotected if one.tenant != tenant)}
        )
        for suffix, entry in before.environments.items()
    }
    return before.model_copy(
        update={
            "environments": environments,
            "tenants": {id_: entry for id_, entry in before.tenants.items() if id_ != tenant},
            "retired": {**before.retired, tenant: Retired.model_validate(left)},
        }
    )
