"""Data access: the secrets of the master user and of the tenants, in Secrets Manager."""

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
    """A secret does not hold what it should; the message never repeats what it does hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """The name and the password of a database user."""

    username: str
    password: str

    def __repr__(self) -> str:
        """Leave the password out, wherever the login is printed."""
        return f"Login(username={self.username!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where the tenants' database is."""

    host: str
    port: int
    database: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The secrets in Secrets Manager.

    Attributes:
        client: The Secrets Manager client.
    """

    client: SecretsManagerClient

    def master(self, secret: str) -> Login:
        """Return the master user's login, from the secret that RDS manages.

        Raises:
            SecretError: The secret holds no username and password.
        """
        value = _parse(self.client.get_secret_value(SecretId=secret).get("SecretString", ""))
        username, password = value.get("username"), value.get("password")
        if not (isinstance(username, str) and isinstance(password, str) and username and password):
            raise SecretError("the master's secret holds no username and password")
        return Login(username=username, password=password)

    def tenant_password(self, secret: str, role: str, address: Address) -> str:
        """Return the password in a tenant's secret, after writing a new one there if it holds none.

        The secret is authoritative: the role's password is always set from it, so if a run fails between the two,
        the next one repairs it.

        Args:
            secret: Name or ARN of the tenant's secret, which must exist but need not have a value yet.
            role: Name of the tenant's role, which is also its username.
            address: Written to the secret too, as clients need it to connect.
        """
        known = self._read(secret)
        password = known.get("password")
        usable = isinstance(password, str) and len(password) >= _SHORTEST_PASSWORD
        if not usable or known.get("username") != role:
            password = _new_password()
        wanted = _value(role, str(password), address)
        if known != wanted:
            self._write(secret, wanted)
        return str(password)

    def write(self, secret: str, login: Login, address: Address) -> None:
        """Write `login` to a tenant's secret, in place of what it holds."""
        self._write(secret, _value(login.username, login.password, address))

    def _write(self, secret: str, value: dict[str, Any]) -> None:
        self.client.put_secret_value(SecretId=secret, SecretString=json.dumps(value))

    def _read(self, secret: str) -> dict[str, Any]:
        try:
            return _parse(self.client.get_secret_value(SecretId=secret).get("SecretString", ""))
        except self.client.exceptions.ResourceNotFoundException:
            # A secret that has no value yet raises this too. If there is no such secret, the write that follows fails.
            return {}


def new_login(role: str) -> Login:
    """Return a login of `role` with a new password, which is in no secret yet."""
    return Login(username=role, password=_new_password())


def _new_password() -> str:
    # URL-safe: none of its characters needs escaping, wherever the password is pasted.
    return secrets.token_urlsafe(_PASSWORD_BYTES)


def _value(role: str, password: str, address: Address) -> dict[str, Any]:
    """Return what a tenant's secret holds: what clients need to connect."""
    return {
        "engine": "postgres",
        "host": address.host,
        "port": address.port,
        "dbname": address.database,
        "username": role,
        "password": password,
    }


def _parse(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
