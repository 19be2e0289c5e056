"""Connections to the database: how the server is trusted, and how its errors are told."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pg8000 import native  # type: ignore[import-untyped]  # the driver brings no types

from database_provisioner.credentials import Address, Login

# The certificate authorities of Amazon RDS, packed beside this package: no system trusts them by default.
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.SSL.html
PACKED_CA_FILE = Path(__file__).resolve().parent.parent / "rds-authorities.pem"

_NAME_BYTES = 63
_CONNECT_SECONDS = 10
STATEMENT_SECONDS = 60
_ANSWER_SECONDS = STATEMENT_SECONDS + 10  # the server gives up first, and says why


class DatabaseError(Exception):
    """PostgreSQL refused a step or could not be reached.

    The message holds the server's error code and text, which never include a secret.
    """


def quoted(name: str) -> str:
    """Return `name` quoted as an SQL identifier.

    Raises:
        DatabaseError: The name is empty, contains a NUL, or is so long that the server would truncate it, perhaps
            to the name of another tenant's role.
    """
    if len(name.encode()) > _NAME_BYTES:
        raise DatabaseError(f"the name {name!r} is longer than {_NAME_BYTES} bytes")
    with translated("quote a name"):
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
def opened(address: Address, login: Login, tls: ssl.SSLContext) -> Iterator[Any]:
    """Log in over TLS, yield the driver's connection, and log out at the end.

    Raises:
        DatabaseError: The server cannot be reached, offers no TLS, has no valid certificate, or refuses the login.
    """
    with translated("connect"):
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
        yield connection
    finally:
        # Closing a broken connection fails too, and must not hide the error that broke it.
        with suppress(native.InterfaceError, OSError):
            connection.close()


@contextmanager
def translated(step: str) -> Iterator[None]:
    """Raise what the driver raises in the block as a `DatabaseError` that names the `step`."""
    try:
        yield
    except native.DatabaseError as error:
        fields = error.args[0]
        raise DatabaseError(f"{step}: {fields.get('C')} {fields.get('M')}") from None
    except (native.InterfaceError, OSError) as error:
        raise DatabaseError(f"{step}: {error}") from None
