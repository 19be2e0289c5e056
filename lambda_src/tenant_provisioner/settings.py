"""The function's environment as a validated model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SHAPES = {
    "TENANT_ID": (r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", "a lower-case slug of 1 to 63 characters"),
    "DYNAMODB_TABLE": (r"[A-Za-z0-9_.-]{3,255}", "a DynamoDB table name"),
    "EVENT_BUS_NAME": (r"[A-Za-z0-9_.:/-]{1,1600}", "the name or the ARN of an event bus"),
}
_DEFAULTS = {"EVENT_BUS_NAME": "default"}


class SettingsError(Exception):
    """The environment is not what the function needs; the message names every problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the function reads from its environment.

    Attributes:
        tenant_id: The one tenant that this function provisions.
        table: Name of the tenant's DynamoDB table.
        event_bus: Name or ARN of the bus that hears of the result.
    """

    tenant_id: str
    table: str
    event_bus: str


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Validate `environment` whole.

    Args:
        environment: Name to value, as `os.environ`.

    Raises:
        SettingsError: A variable is missing or malformed; all of them are reported at once.
    """
    values = {**_DEFAULTS, **environment}
    problems = []
    for name, (pattern, expected) in _SHAPES.items():
        if name not in values:
            problems.append(f"{name} is missing, expected {expected}")
        elif not re.fullmatch(pattern, values[name]):
            problems.append(f"{name} is {values[name]!r}, expected {expected}")
    if problems:
        raise SettingsError("; ".join(problems))
    return Settings(
        tenant_id=values["TENANT_ID"], table=values["DYNAMODB_TABLE"], event_bus=values["EVENT_BUS_NAME"]
    )
