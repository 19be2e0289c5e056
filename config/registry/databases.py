"""What the registry says of the shared database: its instances in an environment, and what a tenant may take of it."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import AfterValidator, Field, WithJsonSchema

from config.profiles import EnvironmentProfile
from config.registry.fields import RegistryEntry
from facts.instance_classes import INSTANCE_CLASSES, InstanceClass

MOST_INSTANCES: Final = 16
"""A writer and 15 readers
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Replication.html)."""
MOST_SECONDS: Final = 86_400
_CLASS_EXPECTED: Final = f"one of the instance classes {', '.join(INSTANCE_CLASSES)}"


def _known(name: str) -> str:
    if name not in INSTANCE_CLASSES:
        raise ValueError("no class")
    return name


ClassName = Annotated[
    str, AfterValidator(_known), WithJsonSchema({"type": "string", "enum": list(INSTANCE_CLASSES)})
]


class EnvironmentDatabase(RegistryEntry):
    """The instances of the shared database in one environment."""

    instance_class: ClassName | None = Field(
        None,
        description=f"{_CLASS_EXPECTED}; null is the profile's",
    )
    instances: int | None = Field(
        None,
        ge=1,
        le=MOST_INSTANCES,
        description=f"a writer and its readers, 1 to {MOST_INSTANCES}, in production 2 or more; null is the profile's "
        "(1, or 2 in production)",
    )

    def instance_class_in(self, profile: EnvironmentProfile) -> InstanceClass:
        """Return the class of the instances in an environment that has `profile`."""
        return INSTANCE_CLASSES[self.instance_class or profile.database_instance_class].value

    def instances_in(self, profile: EnvironmentProfile) -> int:
        """Return the number of the instances in an environment that has `profile`."""
        return self.instances or profile.database_instances


class TenantDatabase(RegistryEntry):
    """What one Fargate tenant may take of the shared database."""

    connections: int = Field(
        20,
        ge=1,
        le=5000,
        description="connections that the tenant's role may hold at once on each instance, 1 to 5000; PostgreSQL "
        "refuses more",
    )
    statement_timeout_seconds: int | None = Field(
        60,
        ge=1,
        le=MOST_SECONDS,
        description=f"seconds after which a statement is cancelled, 1 to {MOST_SECONDS}, unless its session sets "
        "others; null never",
    )
    idle_in_transaction_timeout_seconds: int | None = Field(
        60,
        ge=1,
        le=MOST_SECONDS,
        description="seconds after which a session that is idle in a transaction is ended, 1 to "
        f"{MOST_SECONDS}, unless the session sets others; null never",
    )
    idle_session_timeout_seconds: int | None = Field(
        3600,
        ge=1,
        le=MOST_SECONDS,
        description=f"seconds after which an idle session is ended, 1 to {MOST_SECONDS}, unless the session sets "
        "others; null never",
    )
