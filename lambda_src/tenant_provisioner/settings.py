"""The function's environment as a validated model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from runtime.environment import Variable, read_environment
from runtime.silo import DYNAMODB_TABLE, TENANT_ID

_VARIABLES = {
    "TENANT_ID": TENANT_ID,
    "DYNAMODB_TABLE": DYNAMODB_TABLE,
    "EVENT_BUS_NAME": Variable(
        pattern=r"[A-Za-z0-9_.:/-]{1,1600}", expected="the name or the ARN of an event bus", default="default"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the function reads from its environment.

    Attributes:
        tenant_id: The one tenant that this function provisions.
        table: Name of the tenant's DynamoDB table.
        event_bus: Name or ARN of the bus on which the outcome is announced.
    """

    tenant_id: str
    table: str
    event_bus: str


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings in `environment`.

    Args:
        environment: Name to value, as `os.environ`.

    Raises:
        SettingsError: A variable is missing or malformed. All problems are reported at once.
    """
    values = read_environment(environment, _VARIABLES)
    return Settings(
        tenant_id=values["TENANT_ID"], table=values["DYNAMODB_TABLE"], event_bus=values["EVENT_BUS_NAME"]
    )
