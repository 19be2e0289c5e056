"""The function's environment as a validated model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from runtime.environment import Variable, read_environment

_VARIABLES = {
    "DATABASE_HOST": Variable(pattern=r"[A-Za-z0-9.-]{1,253}", expected="a host name"),
    "DATABASE_PORT": Variable(pattern=r"(?!0)[0-9]{1,5}", expected="a port number", default="5432"),
    "DATABASE_NAME": Variable(
        pattern=r"[A-Za-z_][A-Za-z0-9_]{0,62}", expected="a database name", default="saasdb"
    ),
    "MASTER_SECRET_ARN": Variable(
        pattern=r"arn:[a-z-]+:secretsmanager:[^\s]{1,2000}",
        expected="the ARN of a Secrets Manager secret",
    ),
    "DATABASE_CA_FILE": Variable(
        pattern=r"(?:/[^\0]{1,4096})?",
        expected="the absolute path of a PEM file, or nothing",
        default="",
    ),
    "ERASABLE_TENANTS": Variable(
        pattern=r"(?:\*|[a-z0-9-]{1,48}(?:,[a-z0-9-]{1,48})*)?",
        expected="ids of tenants, separated by commas, or '*', or nothing",
        default="",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the function reads from its environment.

    Attributes:
        host: The cluster's endpoint. The server's certificate must be issued for this name.
        port: Its TCP port.
        database: The database that the tenants share.
        master_secret: ARN of the master user's secret, which RDS manages.
        ca_file: PEM file of the only authorities that may sign the server's certificate; None to trust those of the
            system and of Amazon RDS.
        erasable: Ids of the tenants whose data may be dropped; `*` stands for all. No request can add to them.
    """

    host: str
    port: int
    database: str
    master_secret: str
    ca_file: str | None
    erasable: frozenset[str]

    def may_erase(self, tenant: str) -> bool:
        """Whether the data of `tenant` may be dropped."""
        return not self.erasable.isdisjoint({"*", tenant})


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings in `environment`.

    Args:
        environment: Name to value, as `os.environ`.

    Raises:
        SettingsError: A variable is missing or malformed. All problems are reported at once.
    """
    values = read_environment(environment, _VARIABLES)
    return Settings(
        host=values["DATABASE_HOST"],
        port=int(values["DATABASE_PORT"]),
        database=values["DATABASE_NAME"],
        master_secret=values["MASTER_SECRET_ARN"],
        ca_file=values["DATABASE_CA_FILE"] or None,
        erasable=frozenset(filter(None, values["ERASABLE_TENANTS"].split(","))),
    )
