"""What stacks of a user's own are planned with: what the registry says for them, and the environment's own values."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NoReturn

from config.problems import ConfigurationError, Problem
from config.registry.models import Registry
from config.settings import Settings
from tenancy.fleet import Fleet
from tenancy.plans import ExtensionPlan
from tenancy.protection import KeyAdministration, Protection, Retention
from tenancy.resolution import Resolution, resolve

NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
OURS: Final = ("tenant", "shared-platform")
"""What ids of the platform's own stacks begin with."""
ENVIRONMENT: Final = "environments.{suffix}.extensions"
TENANT: Final = "tenants.{tenant}.extensions"


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where stacks of a user's own are deployed, as the rights of whoever deploys them name it.

    Attributes:
        partition: `aws`, or that of a region apart.
        account: 12 digits.
        region: such as `us-east-1`.
        suffix: of the environment.
    """

    partition: str
    account: str
    region: str
    suffix: str

    def arn(self, service: str, resource: str) -> str:
        """Return an ARN of this account and region, such as `arn:aws:lambda:us-east-1:123456789012:function:a`."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One environment, as stacks of a user's own see it.

    Attributes:
        suffix: of the environment.
        region: of the environment.
        environment: what the environment says under `extensions`; empty where it is not declared.
        tenants: what each tenant says under `extensions`, by the tenant's id; empty for most.
        keys: who administers keys.
        protection: of data that belongs to no tenant.
        retention: how long data is kept, unless a tenant has its own value.
        resolution: of the environment.
    """

    suffix: str
    region: str
    environment: Mapping[str, object]
    tenants: Mapping[str, Mapping[str, object]]
    keys: KeyAdministration
    protection: Protection
    retention: Retention
    resolution: Resolution

    def plan(self, name: str, specification: object, *, tenant: str | None = None) -> ExtensionPlan:
        """Return the plan of the stack `{name}-{suffix}`, or of `{name}-{tenant}-{suffix}`.

        Args:
            name: of the kind of stack: lower-case letters, digits and single hyphens, beginning with a letter.
            specification: what the stack has: a frozen dataclass of values.
            tenant: the silo tenant whose stack it is, which its resources are tagged with; `None` where it is nobody's.

        Raises:
            ValueError: `name` is not such a name, or is one of the platform's own.
        """
        if not NAME.fullmatch(name) or name.startswith(OURS):
            raise ValueError(f"name: received {name!r}, expected a name such as 'reports'")
        return self.resolution.extension(name, specification, tenant)

    def refuse(self, key: str, received: object, expected: str, *, tenant: str | None = None) -> NoReturn:
        """Refuse what `tenant`, or the environment, says at `key` below `extensions`.

        Raises:
            ConfigurationError: always; the command ends with one line and exit code 2.
        """
        place = TENANT.format(tenant=tenant) if tenant else ENVIRONMENT.format(suffix=self.suffix)
        where = f"{place}.{key}" if key else place
        raise ConfigurationError([Problem(where=where, received=received, expected=expected)])

    def expect_keys(self, *, environment: Collection[str] = (), tenants: Collection[str] = ()) -> None:
        """Refuse every key right below `extensions` that is not listed here: nothing would read it.

        Args:
            environment: keys that an environment may have.
            tenants: keys that a tenant may have.

        Raises:
            ConfigurationError: there is another; every such key is named.
        """
        problems = list(_unread(self.environment, environment, ENVIRONMENT.format(suffix=self.suffix)))
        for tenant, said in self.tenants.items():
            problems += _unread(said, tenants, TENANT.format(tenant=tenant))
        if problems:
            raise ConfigurationError(problems)


def _unread(said: Mapping[str, object], known: Collection[str], place: str) -> Iterator[Problem]:
    names = ", ".join(map(repr, sorted(known))) or "none yet"
    for key, value in said.items():
        if key not in known:
            expected = f"a key that 'extensions/planning.py' reads: {names}"
            yield Problem(where=f"{place}.{key}", received=value, expected=expected)


def house(settings: Settings, registry: Registry) -> House:
    """Return what stacks of a user's own are planned with."""
    resolution = Resolution(settings, registry)
    declared = settings.declared
    return House(
        suffix=settings.environment_suffix,
        region=settings.region,
        environment=declared.extensions if declared else {},
        tenants={tenant: entry.extensions for tenant, entry in registry.tenants.items()},
        keys=resolution.keys,
        protection=resolution.protection(),
        retention=resolution.retention(),
        resolution=resolution,
    )


def extended(settings: Settings, registry: Registry, plans: Iterable[ExtensionPlan]) -> Fleet:
    """Return all stacks of `registry`, and behind them those of `plans` in the order of their ids.

    Raises:
        ConfigurationError: two stacks have one id.
    """
    own = tuple(sorted(plans, key=lambda plan: plan.id))
    ids = [plan.id for plan in own]
    if twice := next((id_ for id_ in ids if ids.count(id_) > 1), None):
        problem = Problem(where="extensions/planning.py", received=twice, expected="each stack's id once")
        raise ConfigurationError([problem])
    return Fleet(stacks=(*resolve(settings, registry).stacks, *own))
