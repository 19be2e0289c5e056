"""Data access: the master's and the tenants' secrets in Secrets Manager."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

_PASSWORD_BYTES = 32
_SHORTEST_PASSWORD = 16


class SecretError(Exception):
    """A secret is not what it should be; the message names it and never what it holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """How somebody logs in."""

    username: str
    password: str

    def __repr__(self) -> str:
        """Leave the password out, wherever this is printed."""
        return f"Login(username={self.username!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the tenants' database is."""

    host: str
    port: int
    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The secrets.

    Attributes:
        client: The Secrets Manager client.
    """

    client: SecretsManagerClient

    def master(self, secret: str) -> Login:
        """Return the master's login from the secret that RDS manages.

        Raises:
            SecretError: It holds no username and password.
        """
        value = _parse(self.client.get_secret_value(SecretId=secret).get("SecretString", ""))
        username, password = value.get("username"), value.get("password")
        if not (isinstance(username, str) and isinstance(password, str) and username and password):
            raise SecretError("the master's secret holds no username and password")
        return Login(username=username, password=password)

    def tenant_password(self, secret: str, role: str, address: Address) -> str:
        """Return the password in a tenant's secret; make one and write it there where there is none.

        The secret is what counts: whoever sets the password on the role takes it from here, so that a run that
        ended before it did so is repaired by the next one.

        Args:
            secret: Name or ARN of the tenant's secret, which exists, with or without a value.
            role: The tenant's role.
            address: What else a client of the secret needs.
        """
        known = self._read(secret)
        password = known.get("password")
        usable = isinstance(password, str) and len(password) >= _SHORTEST_PASSWORD
        if not usable or known.get("username") != role:
            # Only characters that need no escape, wherever it is pasted.
            password = secrets.token_urlsafe(_PASSWORD_BYTES)
        wanted = {
            "engine": "postgres",
            "host": address.host,
            "port": address.port,
            "dbname": address.database,
            "username": role,
            "password": password,
        }
        if known != wanted:
            self.client.put_secret_value(SecretId=secret, SecretString=json.dumps(wanted))
        return str(password)

    def _read(self, secret: str) -> dict[str, Any]:
        try:
            return _parse(self.client.get_secret_value(SecretId=secret).get("SecretString", ""))
        except self.client.exceptions.ResourceNotFoundException:
            # A secret without any value answers so as well. One that does not exist refuses the write that follows.
            return {}


def _parse(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
