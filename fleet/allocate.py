"""Gives a tenant its network and its listener priority, and writes them into the registry.

Two at once never get the same: each waits for the other, and reads what it wrote. What is written was read back and
validated before, and replaces the file as a whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from config.problems import ConfigurationError, Problem
from config.registry.fields import TENANT_ID_EXPECTED, TenantId
from config.registry.models import Registry
from config.registry.tenants import Fargate, Silo, Tenant
from fleet.allocation import free_networks, free_priorities
from fleet.registry_file import Edit, edit
from fleet.registry_text import Entry, with_tenant


@dataclass(frozen=True, slots=True, kw_only=True)
class AllocationRequest:
    """What a tenant is to get.

    Attributes:
        tenant: id.
        silo: whether it gets a silo.
        fargate: whether it gets a service on the platform.
        prefix: length of the prefix of its silo's network.
        image: of its service; `None` is the registry's default.
    """

    tenant: str
    silo: bool
    fargate: bool
    prefix: int
    image: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """What a tenant got.

    Attributes:
        tenant: id.
        file: that says so, as messages name it.
        line: of the file, from 1; 0 while nothing is written.
        cidr: network of its silo; `None` where it got none.
        networks_left: of that size, after this one.
        listener_priority: of its service; `None` where it got none.
        priorities_left: after this one.
    """

    tenant: str
    file: str
    line: int = 0
    cidr: str | None = None
    networks_left: int | None = None
    listener_priority: int | None = None
    priorities_left: int | None = None


def allocate(wanted: AllocationRequest, environment: Mapping[str, str], *, root: Path) -> Allocation:
    """Give a tenant the lowest network and priority that nobody has or had, and write them into the registry.

    Args:
        wanted: which tenant gets what.
        environment: the environment's variables, which say where the registry is and what is valid there.
        root: folder that a relative path of the registry is relative to.

    Raises:
        ConfigurationError: the environment, the registry or the tenant cannot be used, nothing is left, or the file
            cannot be written. The registry is as it was.
    """
    found: list[Allocation] = []

    def change(registry: Registry, text: str, name: str) -> Edit:
        _refuse(wanted, registry, name)
        allocation = _chosen(wanted, registry, name)
        found.append(allocation)
        entry = _entry(wanted, allocation)
        edited, line = with_tenant(text, wanted.tenant, entry, name=name)
        return Edit(text=edited, expected=partial(_expected, registry, wanted.tenant, entry), line=line)

    _, line = edit(environment, change, root=root)
    return replace(found[-1], line=line)


def _problem(where: str, received: object, expected: str) -> ConfigurationError:
    return ConfigurationError([Problem(where=where, received=received, expected=expected)])


def _refuse(wanted: AllocationRequest, registry: Registry, name: str) -> None:
    """Refuse a tenant that cannot get what is wanted.

    Raises:
        ConfigurationError: with the reason.
    """
    tenant = wanted.tenant
    try:
        TypeAdapter(TenantId).validate_python(tenant)
    except ValidationError:
        raise _problem("TENANT", tenant, TENANT_ID_EXPECTED) from None
    if tenant in registry.retired:
        raise _problem(name, tenant, f"an id that was never given out ('{tenant}' is in 'retired')")
    if wanted.fargate and registry.platform is None:
        raise _problem(
            name, "no platform", "a registry with a 'platform', on which the tenant's service runs"
        )
    for kind, asked in (("silo", wanted.silo), ("fargate", wanted.fargate)):
        if asked and tenant in registry.tenants and getattr(registry.tenants[tenant], kind) is not None:
            raise _problem(name, tenant, f"a tenant that has no '{kind}' yet")


def _chosen(wanted: AllocationRequest, registry: Registry, name: str) -> Allocation:
    """Return what the tenant gets, at a line that is not known yet.

    Raises:
        ConfigurationError: nothing is left.
    """
    found = Allocation(tenant=wanted.tenant, file=name)
    given = f"{len(registry.tenants) + len(registry.retired)} tenants, retired ones with them"
    if wanted.silo:
        network, count = free_networks(registry, wanted.prefix)
        if network is None:
            expected = f"a free network of /{wanted.prefix}: none is left; smaller ones, up to /22, may be"
            raise _problem(name, given, expected)
        found = replace(found, cidr=str(network), networks_left=count - 1)
    if wanted.fargate:
        priority, count = free_priorities(registry)
        if priority is None:
            raise _problem(name, given, "a free listener priority: none is left")
        found = replace(found, listener_priority=priority, priorities_left=count - 1)
    return found


def _entry(wanted: AllocationRequest, found: Allocation) -> dict[str, dict[str, str | int]]:
    """Return what the registry is to say of the tenant."""
    entry: dict[str, dict[str, str | int]] = {}
    if found.cidr is not None:
        entry["silo"] = {"cidr": found.cidr}
    if found.listener_priority is not None:
        image: dict[str, str | int] = {} if wanted.image is None else {"image": wanted.image}
        entry["fargate"] = {"listener_priority": found.listener_priority, **image}
    return entry


def _expected(before: Registry, tenant: str, entry: Entry) -> Registry:
    """Return the registry in which the tenant has its entry, and nothing else changed."""
    had = before.tenants.get(tenant, Tenant())
    got = {
        kind: model.model_validate(dict(entry[kind]))
        for kind, model in (("silo", Silo), ("fargate", Fargate))
        if kind in entry
    }
    return before.model_copy(update={"tenants": {**before.tenants, tenant: had.model_copy(update=got)}})
