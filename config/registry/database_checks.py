"""Whether the shared database's instances suit their profile, and hold the connections that tenants are promised."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from config.problems import Problem
from config.profiles import PROFILES, EnvironmentProfile
from config.registry.databases import EnvironmentDatabase
from config.registry.environments import Environment
from config.registry.models import Registry
from config.yaml_file import Document, Location
from facts.instance_classes import INSTANCE_CLASSES, RESERVED_CONNECTIONS, InstanceClass


def instance_problems(document: Document, registry: Registry) -> Iterator[tuple[Location, Problem]]:
    """Yield each declared environment whose instances its profile does not admit."""
    for suffix, environment in registry.environments.items():
        profile = PROFILES[environment.profile]
        here: Location = ("environments", suffix, "database")
        if profile.burstable_database:
            continue
        chosen = environment.database.instance_class_in(profile)
        if chosen.burstable:
            expected = (
                "a class that is not burstable: without CPU credits it slows down for every tenant, and the profile "
                f"is '{profile.name}'; '{profile.database_instance_class}' is its default"
            )
            location = (*here, "instance_class")
            yield location, Problem(where=document.where(location), received=chosen.name, expected=expected)
        instances = environment.database.instances_in(profile)
        if instances < profile.database_instances:
            expected = (
                f"{profile.database_instances} or more, so that a reader in another zone can take over: the profile is "
                f"'{profile.name}'"
            )
            location = (*here, "instances")
            yield location, Problem(where=document.where(location), received=instances, expected=expected)


def connection_problems(
    document: Document, registry: Registry, profile: EnvironmentProfile, declared: Environment | None
) -> Iterator[tuple[Location, Problem]]:
    """Yield each environment whose database would refuse connections that the tenants are promised.

    A role's limit holds on each instance, and all instances of an environment are of one class: so the question is the
    same for the writer and for its readers.

    Args:
        document: the registry's file, to name places.
        registry: what it says.
        profile: of the run's environment.
        declared: what the registry declares of the run's environment; `None` where it is nothing.
    """
    if registry.platform is None:
        return
    promised = {id_: tenant.database.connections for id_, tenant in registry.fargate_tenants.items()}
    for suffix, environment in registry.environments.items():
        own = PROFILES[environment.profile]
        location: Location = ("environments", suffix, "database", "instance_class")
        chosen = environment.database.instance_class_in(own)
        if expected := _objection(promised, chosen, own, f"of '{suffix}' "):
            yield location, Problem(where=document.where(location), received=chosen.name, expected=expected)
    if declared is None:
        location, chosen = ("tenants",), EnvironmentDatabase().instance_class_in(profile)
        if expected := _objection(promised, chosen, profile, "of an environment that is not declared "):
            yield location, Problem(where=document.where(location), received=chosen.name, expected=expected)


def _objection(
    promised: Mapping[str, int], chosen: InstanceClass, profile: EnvironmentProfile, whose: str
) -> str | None:
    """Return what is expected instead of `chosen`, with the figures, or `None` where it holds what is `promised`."""
    taken, left = sum(promised.values()), chosen.connections - RESERVED_CONNECTIONS
    if taken <= left:
        return None
    larger = [
        fact.value
        for fact in INSTANCE_CLASSES.values()
        if fact.value.connections - RESERVED_CONNECTIONS >= taken
        and (profile.burstable_database or not fact.value.burstable)
    ]
    fitting = [f"'{min(larger, key=lambda one: one.connections).name}' would"] if larger else []
    if each := left // len(promised):
        fitting.append(f"limits of {each} for each tenant would")
    return (
        f"a class {whose}that holds {taken} connections, the sum of 'fargate.database.connections' of {len(promised)} "
        f"tenants: it has {chosen.connections}, {RESERVED_CONNECTIONS} of them kept for AWS, operators and the "
        f"provisioner, so {left} are left; {', or '.join(fitting) or 'fewer tenants would'}"
    )
