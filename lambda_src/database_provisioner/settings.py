"""The function's environment as a validated model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SHAPES = {
    "DATABASE_HOST": (r"[A-Za-z0-9.-]{1,253}", "a host name"),
    "DATABASE_PORT": (r"(?!0)[0-9]{1,5}", "a port number"),
    "DATABASE_NAME": (r"[A-Za-z_][A-Za-z0-9_]{0,62}", "a database name"),
    "MASTER_SECRET_ARN": (r"arn:[a-z-]+:secretsmanager:[^\s]{1,2000}", "the ARN of a Secrets Manager secret"),
    "DATABASE_CA_FILE": (r"(?:/[^\0]{1,4096})?", "the absolute path of a PEM file, or nothing"),
}
_DEFAULTS = {"DATABASE_PORT": "5432", "DATABASE_NAME": "saasdb", "DATABASE_CA_FILE": ""}


class SettingsError(Exception):
    """The environment is not what the function needs; the message names every problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the function reads from its environment.

    Attributes:
        host: The cluster's endpoint; its certificate must bear this name.
        port: Its TCP port.
        database: The database that the tenants share.
        master_secret: ARN of the secret that RDS keeps for the master user.
        ca_file: PEM file of the authorities that may sign the server's certificate, the only ones then; None for
            those of the system and of Amazon RDS.
    """

    host: str
    port: int
    database: str
    master_secret: str
    ca_file: str | None


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
        host=values["DATABASE_HOST"],
        port=int(values["DATABASE_PORT"]),
        database=values["DATABASE_NAME"],
        master_secret=values["MASTER_SECRET_ARN"],
        ca_file=values["DATABASE_CA_FILE"] or None,
    )
