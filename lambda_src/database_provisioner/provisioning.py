"""Logic: the steps that create, update and delete a tenant, and give it a new password.

Their order is such that the next run repairs whatever a failed one left behind.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from database_provisioner.connection import DatabaseError
from database_provisioner.credentials import Address, Credentials, new_login
from database_provisioner.database import Database, IsolationError
from database_provisioner.request import Request


def retired(role: str) -> str:
    """Return the name of the role that keeps the data of a deleted tenant. No tenant's role begins like this."""
    return f"retired_{role}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Provisioning:
    """Creates, updates and deletes tenants in the database, and changes their passwords.

    Attributes:
        database: The master user's connection.
        credentials: The secrets in Secrets Manager.
        address: The address at which the tenants reach the database.
    """

    database: Database
    credentials: Credentials
    address: Address

    def ensure(self, request: Request) -> None:
        """Ensure that the tenant has its role, its schema and its password.

        Everything but the login comes first, in one transaction; then the secret; then the role's password. So the
        role never has a password that the secret does not hold, and the next run completes one that failed in between.

        Raises:
            DatabaseError: The server refused a step.
            IsolationError: The tenant would have got a right that it must not have, or the data of an earlier tenant.
        """
        role = request.role
        with self.database.locked():
            with self.database.transaction():
                if not self.database.has_role(role):
                    self.database.create_role(role)
                self.database.limit_connections(role, request.connection_limit)
                self.database.set_timeouts(role, request.timeouts)
                self.database.set_search_path(role)
                self.database.close_to_public()
                self.database.ensure_statistics()
                self.database.admit(role)
                self.database.join(role)
                self._take_back(role, returning=request.returning)
                self.database.ensure_schema(role)
                self.database.close_defaults(role)
                self.database.leave(role)
                self.database.verify(role)
            password = self.credentials.tenant_password(request.secret, role, self.address)
            self.database.allow_login(role, password)

    def rotate(self, request: Request) -> None:
        """Give the tenant a new password: from then on the old one opens no session.

        The secret is written before the role's change is committed: where writing fails, nothing has changed. Where the
        commit fails the secret is ahead of the role, and the next run of this or of `ensure` completes it.

        Raises:
            DatabaseError: There is no such tenant, or the server refused a step.
        """
        role = request.role
        with self.database.locked():
            if not self.database.has_role(role):
                raise DatabaseError(f"the role {role!r} does not exist")
            login = new_login(role)
            with self.database.transaction():
                self.database.allow_login(role, login.password)
                self.credentials.write(request.secret, login, self.address)
            if request.end_sessions:
                with self.database.transaction():
                    self.database.join(role)
                    self.database.end_sessions(role)
                    self.database.leave(role)

    def remove(self, request: Request, *, erase: bool) -> None:
        """Drop the tenant's role, and its data too if `erase` says so.

        Data that is kept is handed to a role that cannot log in. A tenant that comes back gets it when it is said to be
        the same one.

        Raises:
            DatabaseError: The server refused a step, for instance because another tenant's objects depend on this
                tenant's. The tenant is then as it was before.
        """
        role = request.role
        with self.database.locked():
            if self.database.has_role(role):
                # Committed first, so that the tenant cannot log in again while its sessions are being ended.
                self.database.set_login(role, allowed=False)
                try:
                    with self.database.transaction():
                        self._drop(role, keep_data=not erase)
                except DatabaseError:
                    with suppress(DatabaseError):
                        self.database.set_login(role, allowed=True)
                    raise
            keeper = retired(role)
            if erase and self.database.has_role(keeper):
                with self.database.transaction():
                    self.database.join(keeper)
                    self.database.drop_owned(keeper)
                    self.database.drop_role(keeper)

    def _drop(self, role: str, *, keep_data: bool) -> None:
        self.database.join(role)
        self.database.end_sessions(role)
        if keep_data:
            keeper = retired(role)
            self.database.create_role(keeper)
            self.database.join(keeper)
            self.database.give_all(role, keeper)
            self.database.leave(keeper)
        else:
            self.database.drop_owned(role)
        self.database.drop_role(role)

    def _take_back(self, role: str, *, returning: bool) -> None:
        keeper = retired(role)
        if self.database.has_role(keeper):
            if not returning:
                raise IsolationError(
                    f"data of an earlier tenant is kept by {keeper!r}: a new tenant needs another id, one that returns "
                    "must be said to"
                )
            self.database.join(keeper)
            self.database.give_all(keeper, role)
            self.database.drop_role(keeper)
