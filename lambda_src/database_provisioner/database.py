"""Data access: the SQL statements. The driver quotes every name and value in them.

PostgreSQL shows some things to everybody who can connect to a database, and therefore to every tenant: the names in
the catalog, the source of functions and views, and the payloads of NOTIFY. No privilege can hide them.

The master user is not a superuser. It may create roles, and it owns the database. It may only touch what a tenant's
role owns while it is a member of that role: it becomes a member for one transaction and gives the membership up at
the end. Since PostgreSQL 16 the creator of a role may grant that role but not act as it, so the same steps work there.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pg8000 import native  # type: ignore[import-untyped]  # the driver brings no types

from database_provisioner.credentials import Address, Login
from database_provisioner.scram import verifier

# The certificate authorities of Amazon RDS, packed beside this package: no system trusts them by default.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html
PACKED_CA_FILE = Path(__file__).resolve().parent.parent / "rds-authorities.pem"

_NAME_BYTES = 63
_CONNECT_SECONDS = 10
_LOCK_SECONDS = 20
_STATEMENT_SECONDS = 60
_ANSWER_SECONDS = _STATEMENT_SECONDS + 10  # the server gives up first, and says why
_LOCK = 0x74656E61  # "tena" in ASCII. Any number will do, as long as every run takes the same one.


class DatabaseError(Exception):
    """PostgreSQL refused a step or could not be reached.

    The message holds the server's error code and text, which never include a secret.
    """


class IsolationError(Exception):
    """A tenant would get a right that it must not have; nothing has been changed."""


def quoted(name: str) -> str:
    """Return `name` quoted as an SQL identifier.

    Raises:
        DatabaseError: The name is empty, contains a NUL, or is so long that the server would truncate it, perhaps
            to the name of another tenant's role.
    """
    if len(name.encode()) > _NAME_BYTES:
        raise DatabaseError(f"the name {name!r} is longer than {_NAME_BYTES} bytes")
    with _translated("quote a name"):
        return str(native.identifier(name))


def tls_context(ca_file: str | None) -> ssl.SSLContext:
    """Return a TLS context that requires a trusted certificate issued for the server's name.

    Certificates are checked as RFC 5280 says, as Python does by itself from 3.13 on: those that RDS issues have the
    key identifiers that this asks for (https://github.com/voltone/aws_rds_castore/issues/4 shows one).

    Args:
        ca_file: PEM file of the only authorities to trust, or None to trust those of the system and of RDS.
    """
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    if ca_file is None and PACKED_CA_FILE.exists():
        context.load_verify_locations(PACKED_CA_FILE)
    return context


@contextmanager
def connect(address: Address, login: Login, tls: ssl.SSLContext) -> Iterator[Database]:
    """Log in over TLS, and log out at the end.

    Raises:
        DatabaseError: The server cannot be reached, offers no TLS, has no valid certificate, or refuses the login.
    """
    with _translated("connect"):
        # A socket that the driver opens itself stays open if the handshake fails.
        channel = socket.create_connection((address.host, address.port), timeout=_CONNECT_SECONDS)
        channel.settimeout(_ANSWER_SECONDS)
        # Messages are small and go back and forth: with Nagle's algorithm each would wait for an acknowledgement.
        channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            connection = native.Connection(
                login.username,
                host=address.host,
                database=address.database,
                password=login.password,
                sock=channel,
                ssl_context=tls,
                application_name="database-provisioner",
            )
        except BaseException:
            channel.close()
            raise
    try:
        yield Database(connection=connection, name=address.database)
    finally:
        # Closing a broken connection fails too, and must not hide the error that broke it.
        with suppress(native.InterfaceError, OSError):
            connection.close()


@contextmanager
def _translated(step: str) -> Iterator[None]:
    try:
        yield
    except native.DatabaseError as error:
        fields = error.args[0]
        raise DatabaseError(f"{step}: {fields.get('C')} {fields.get('M')}") from None
    except (native.InterfaceError, OSError) as error:
        raise DatabaseError(f"{step}: {error}") from None


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
        with _translated(step):
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
            f"SET lock_timeout = '{_LOCK_SECONDS}s'; SET statement_timeout = '{_STATEMENT_SECONDS}s'",
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
            IsolationError: PUBLIC has a right on the database, or the role has one on `public` or on another tenant's
                schema, or the role is a member of another one.
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
            "AND (nspname = 'public' OR nspname ^@ 'tenant_') "
            "AND has_schema_privilege(CAST(:role AS text), oid, 'USAGE, CREATE') ORDER BY 1",
            role=role,
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
