"""Data access: the SQL statements. The driver quotes every name and value in them.

PostgreSQL shows some things to everybody who can connect to a database, and therefore to every tenant: the names in
the catalog, the source of functions and views, and the payloads of NOTIFY. No privilege can hide them.

The master user is not a superuser. It may create roles, and it owns the database. It may only touch what a tenant's
role owns while it is a member of that role: it becomes a member for one transaction and gives the membership up at
the end. Since PostgreSQL 16 the creator of a role may grant that role but not act as it, so the same steps work there.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from pg8000 import native  # type: ignore[import-untyped]  # the driver brings no types

from database_provisioner.connection import STATEMENT_SECONDS, DatabaseError, opened, quoted, translated
from database_provisioner.credentials import Address, Login
from database_provisioner.scram import verifier

STATISTICS = "platform"
"""Schema of what the platform's operators look at. No tenant may use it."""

_LOCK_SECONDS = 20
_LOCK = 0x74656E61  # "tena" in ASCII. Any number will do, as long as every run takes the same one.


class IsolationError(Exception):
    """A tenant would get a right that it must not have; nothing has been changed."""


@contextmanager
def connect(address: Address, login: Login, tls: ssl.SSLContext) -> Iterator[Database]:
    """Log in over TLS, and log out at the end.

    Raises:
        DatabaseError: The server cannot be reached, offers no TLS, has no valid certificate, or refuses the login.
    """
    with opened(address, login, tls) as connection:
        yield Database(connection=connection, name=address.database)


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """One connection of the master user.

    Attributes:
        connection: The driver's connection.
        name: The database's name.
    """

    connection: Any
    name: str

    def _run(self, step: str, statement: str, **values: object) -> list[list[Any]]:
        with translated(step):
            return self.connection.run(statement, **values) or []

    def _holds(self, step: str, question: str, **values: object) -> bool:
        return bool(self._run(step, f"SELECT EXISTS ({question})", **values)[0][0])

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep every other run out until the block ends or the connection is lost.

        There is one lock for all tenants: they share the database and the schema `public`, and two runs cannot change
        the privileges on those at the same time.
        """
        self._run(
            "set the time limits",
            f"SET lock_timeout = '{_LOCK_SECONDS}s'; SET statement_timeout = '{STATEMENT_SECONDS}s'",
        )
        # Any session may take an advisory lock, so a tenant could keep the provisioner out. Such a session is ended; if
        # it cannot be, the lock timeout ends the wait below.
        with suppress(DatabaseError):
            self._run(
                "end sessions that hold the lock but are no run",
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks JOIN pg_stat_activity USING (pid) "
                "WHERE locktype = 'advisory' AND (classid, objid, objsubid) = (0, :lock, 1) "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
                "AND usename <> CURRENT_USER",
                lock=_LOCK,
            )
        self._run("wait for another run", "SELECT pg_advisory_lock(:lock)", lock=_LOCK)
        try:
            yield
        finally:
            with suppress(DatabaseError):
                self._run("let the next run in", "SELECT pg_advisory_unlock(:lock)", lock=_LOCK)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit when the block ends; roll back if an exception leaves it."""
        self._run("begin", "START TRANSACTION")
        try:
            yield
        except BaseException:
            with suppress(DatabaseError):
                self._run("roll back", "ROLLBACK")
            raise
        self._run("commit", "COMMIT")

    def join(self, role: str) -> None:
        """Become a member of `role`, to be able to act on what it owns."""
        self._run("join the role", f"GRANT {quoted(role)} TO CURRENT_USER")

    def leave(self, role: str) -> None:
        """Undo `join`."""
        self._run("leave the role", f"REVOKE {quoted(role)} FROM CURRENT_USER")

    def has_role(self, role: str) -> bool:
        """Return whether `role` exists.

        Raises:
            IsolationError: It exists and has rights that no role made here has.
        """
        found = self._run(
            "look for the role",
            "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls "
            "FROM pg_roles WHERE rolname = :role",
            role=role,
        )
        if found and found[0][0]:
            raise IsolationError(f"the role {role!r} exists with rights that no tenant has")
        return bool(found)

    def create_role(self, role: str) -> None:
        """Create a role that cannot log in and has no rights."""
        self._run("create the role", f"CREATE ROLE {quoted(role)} NOLOGIN NOCREATEROLE NOCREATEDB NOINHERIT")

    def limit_connections(self, role: str, limit: int) -> None:
        """Let the role hold at most `limit` connections."""
        self._run(
            "limit the connections", f"ALTER ROLE {quoted(role)} CONNECTION LIMIT {native.literal(limit)}"
        )

    def set_search_path(self, role: str) -> None:
        """Make the role resolve names in its own schema and in the system's only."""
        self._run("set the search path", f"ALTER ROLE {quoted(role)} SET search_path = {quoted(role)}")

    def set_timeouts(self, role: str, timeouts: Mapping[str, int | None]) -> None:
        """Set defaults for the role's sessions.

        A default is no limit: any session may set another for itself, as PostgreSQL lets everybody set these
        parameters. What no session can set for itself is its role's number of connections.

        Args:
            role: whose sessions.
            timeouts: seconds by parameter; `None` never, which PostgreSQL writes as 0.
        """
        for parameter, seconds in timeouts.items():
            self._run(
                "set a timeout",
                f"ALTER ROLE {quoted(role)} SET {native.identifier(parameter)} = '{seconds or 0}s'",
            )

    def allow_login(self, role: str, password: str) -> None:
        """Set the role's password and let it log in, in one statement."""
        secret = native.literal(verifier(password))
        self._run("set the password", f"ALTER ROLE {quoted(role)} LOGIN PASSWORD {secret}")

    def set_login(self, role: str, *, allowed: bool) -> None:
        """Allow or forbid the role to log in; its password stays the same."""
        self._run("switch the login", f"ALTER ROLE {quoted(role)} {'LOGIN' if allowed else 'NOLOGIN'}")

    def end_sessions(self, role: str) -> None:
        """End the role's sessions; the master must be a member of the role."""
        self._run(
            "end the tenant's sessions",
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = :role",
            role=role,
        )

    def ensure_schema(self, role: str) -> None:
        """Ensure that the role owns a schema of the same name; the master must be a member of the role.

        Raises:
            IsolationError: Another role owns the schema.
        """
        found = self._run(
            "look for the schema",
            "SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = :role",
            role=role,
        )
        if not found:
            self._run("create the schema", f"CREATE SCHEMA {quoted(role)} AUTHORIZATION {quoted(role)}")
        elif found[0][0] != role:
            raise IsolationError(f"the schema {role!r} belongs to another role")
        self._run("close the schema", f"REVOKE ALL ON SCHEMA {quoted(role)} FROM PUBLIC")

    def close_defaults(self, role: str) -> None:
        """Keep PUBLIC out of what the role creates later; the master must be a member of the role.

        Functions and types are the only objects in a schema that PostgreSQL opens to PUBLIC by default:
        https://www.postgresql.org/docs/15/ddl-priv.html, table 5.2.
        """
        for kind in ("FUNCTIONS", "TYPES"):
            self._run(
                "close the default privileges",
                f"ALTER DEFAULT PRIVILEGES FOR ROLE {quoted(role)} REVOKE ALL ON {kind} FROM PUBLIC",
            )

    def ensure_statistics(self) -> None:
        """Ensure that the statistics of statements can be read, where the server has the extension, as Aurora does.

        In a schema of their own: whoever can use the extension's schema sees how often everybody's statements run,
        though not their texts.
        """
        if not self._holds(
            "look for the statistics",
            "SELECT FROM pg_available_extensions WHERE name = 'pg_stat_statements' AND installed_version IS NULL",
        ):
            return
        self._run("create the schema of the statistics", f"CREATE SCHEMA IF NOT EXISTS {quoted(STATISTICS)}")
        self._run("create the statistics", f"CREATE EXTENSION pg_stat_statements SCHEMA {quoted(STATISTICS)}")

    def close_to_public(self) -> None:
        """Revoke what a new database grants to PUBLIC: connections, temporary tables, the schema `public`."""
        self._run("close the database", f"REVOKE ALL ON DATABASE {quoted(self.name)} FROM PUBLIC")
        if self._holds("look for the schema public", "SELECT FROM pg_namespace WHERE nspname = 'public'"):
            self._run("close the schema public", "REVOKE ALL ON SCHEMA public FROM PUBLIC")

    def admit(self, role: str) -> None:
        """Let the role connect and create temporary tables."""
        self._run(
            "admit the role",
            f"GRANT CONNECT, TEMPORARY ON DATABASE {quoted(self.name)} TO {quoted(role)}",
        )

    def verify(self, role: str) -> None:
        """Ask the server what the role may do: a REVOKE that had no effect only gives a warning.

        Raises:
            IsolationError: PUBLIC has a right on the database, or the role has one on `public`, on the platform's or on
                another tenant's schema, or the role is a member of another one.
        """
        if self._holds(
            "verify the database",
            "SELECT FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba))) "
            "WHERE datname = :database AND grantee = 0",
            database=self.name,
        ):
            raise IsolationError(f"PUBLIC still has rights on the database {self.name!r}")
        open_schemas = self._run(
            "verify the schemas",
            "SELECT nspname FROM pg_namespace WHERE nspname <> CAST(:role AS text) "
            "AND (nspname IN ('public', :statistics) OR nspname ^@ 'tenant_') "
            "AND has_schema_privilege(CAST(:role AS text), oid, 'USAGE, CREATE') ORDER BY 1",
            role=role,
            statistics=STATISTICS,
        )
        if open_schemas:
            names = ", ".join(repr(name) for (name,) in open_schemas)
            raise IsolationError(f"the role {role!r} would have rights on {names}")
        if self._holds(
            "verify the memberships",
            "SELECT FROM pg_auth_members JOIN pg_roles ON pg_roles.oid = member WHERE rolname = :role",
            role=role,
        ):
            raise IsolationError(f"the role {role!r} is a member of another role")

    def give_all(self, giver: str, taker: str) -> None:
        """Make `taker` the owner of all that `giver` owns, and revoke the rights of `giver`.

        The master must be a member of both.
        """
        # Schemas first: the new owner of a function must have the right to create objects in its schema.
        owned = self._run(
            "look for its schemas",
            "SELECT nspname FROM pg_namespace WHERE pg_get_userbyid(nspowner) = :giver",
            giver=giver,
        )
        for (schema,) in owned:
            self._run("hand a schema over", f"ALTER SCHEMA {quoted(schema)} OWNER TO {quoted(taker)}")
        self._run("hand the data over", f"REASSIGN OWNED BY {quoted(giver)} TO {quoted(taker)}")
        self.drop_owned(giver)

    def drop_owned(self, role: str) -> None:
        """Drop all that the role owns and revoke its rights; the master must be a member of the role.

        Without CASCADE, the server refuses if anything that another role owns depends on it.
        """
        self._run("drop what the role owns", f"DROP OWNED BY {quoted(role)} RESTRICT")

    def drop_role(self, role: str) -> None:
        """Drop a role that no longer owns anything, in this database or in another."""
        self._run("drop the role", f"DROP ROLE {quoted(role)}")
