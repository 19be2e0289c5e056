"""A local AWS: MiniStack in a process of its own, on the loopback address only."""

import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from botocore.config import Config

from emulator import refusals as refusal_package
from emulator import shims as shim_package
from emulator.processes import stop_process_group
from emulator.quotas import check as check_quotas
from emulator.responses import SENT_AGAIN, WAIT_SECONDS
from emulator.sessions import session

ACCOUNT_ID = "123456789012"
SECRET_KEY = "test"  # noqa: S105 - MiniStack checks no root secret
REGION = "us-east-1"
HOST = "127.0.0.1"
START_SECONDS = 600.0  # against hanging; it starts, and is emptied, in a fraction of a second
LOG_TAIL_LINES = 20
REPOSITORY = Path(__file__).resolve().parent.parent
# What the server, and the Lambda functions that inherit its environment, may see of the caller's.
INHERITED = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


class EmulatorError(Exception):
    """The emulator did not start or does not answer; the message says why, with the end of its log."""


class Emulator:
    """MiniStack as a child process.

    Args:
        port: The port to listen on; 0 takes a free one.
        auth: Enforce IAM. The emulator's own credentials are then the account's root.
        shims: Names of the shims to apply (see `emulator/README.md`); all of them by default.
        refusals: Names of the refusals to apply; by default all but the optional ones, and none without shims.
        quotas: Enforce quotas, with these values by quota code instead of AWS's defaults ({} for the defaults); by
            default none is enforced.
        folder: Where its log and temporary files go. By default a temporary folder, removed at the end.
        detached: Let it outlive this process. `pid` is then how it is stopped.
        wait: Seconds before each response begins (see `emulator/responses.py`).
    """

    def __init__(
        self,
        *,
        port: int = 0,
        auth: bool = False,
        shims: Iterable[str] | None = None,
        refusals: Iterable[str] | None = None,
        quotas: Mapping[str, int] | None = None,
        folder: Path | None = None,
        detached: bool = False,
        wait: float = WAIT_SECONDS,
    ) -> None:
        self.auth = auth
        self.shims = shim_package.select(shims)
        # Some refusals rest on shims: whoever chooses these chooses refusals too.
        self.refusals = refusal_package.select(() if refusals is None and shims is not None else refusals)
        self.quotas = check_quotas(quotas or {})
        if quotas is not None:
            self.refusals = refusal_package.select({*self.refusals, "quotas"})
        self.detached = detached
        self.wait = wait
        self._requested_port = port
        self._given_folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self._folder: Path | None = None
        self._port = 0

    def start(self) -> Self:
        """Start the process and wait until it answers."""
        if self._process is not None:
            raise EmulatorError("the emulator is running already")
        self._folder = self._given_folder or Path(tempfile.mkdtemp(prefix="emulator-"))
        (self._folder / "tmp").mkdir(parents=True, exist_ok=True)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener, self.log_file.open("wb") as log:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, self._requested_port))
            except OSError as error:
                self._remove_folder()
                raise EmulatorError(f"cannot listen on {HOST}:{self._requested_port}: {error}") from error
            # From here on a connection waits for the server instead of being refused.
            listener.listen()
            self._port = listener.getsockname()[1]
            self._process = subprocess.Popen(
                self._command(listener.fileno()),
                cwd=REPOSITORY,
                env=self._server_environment(self._folder),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )
        try:
            self._wait_until_healthy()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop the process with all that it started, and remove its temporary folder."""
        process, self._process = self._process, None
        if process is not None:
            stop_process_group(process.pid, process)
        self._remove_folder()

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop."""
        self.stop()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return self._port

    @property
    def endpoint(self) -> str:
        """The URL that serves every AWS API."""
        return f"http://{HOST}:{self._port}"

    @property
    def pid(self) -> int:
        """The server's process id, which is also its process group's."""
        if self._process is None:
            raise EmulatorError("the emulator is not running")
        return self._process.pid

    @property
    def log_file(self) -> Path:
        """Where the server logs, including the output of the Lambda functions."""
        if self._folder is None:
            raise EmulatorError("the emulator is not running")
        return self._folder / "emulator.log"

    def environment(self, *, region: str = REGION) -> dict[str, str]:
        """Return this process's environment, with the emulator as the only AWS that it reaches."""
        return client_environment(self.endpoint, region=region)

    def client(self, service: str, *, region: str = REGION, **credentials: str) -> Any:  # noqa: ANN401
        """Make a boto3 client of the emulator, by default with the emulator's own credentials."""
        return client(self.endpoint, service, region=region, **credentials)

    def reset(self) -> None:
        """Remove every resource of every service."""
        status, body = self._request("POST", "/_ministack/reset", timeout=START_SECONDS)
        if status != http.client.OK:
            raise EmulatorError(f"reset answered {status}: {body.decode(errors='replace')}")

    def requests_sent_again(self) -> int:
        """Count the requests that were not their client's first attempt."""
        lines = self.log_file.read_text(errors="replace").splitlines()
        return sum(SENT_AGAIN in line for line in lines)

    def log_tail(self) -> str:
        """Return the last lines of the log."""
        lines = self.log_file.read_text(errors="replace").splitlines()
        return "\n".join(lines[-LOG_TAIL_LINES:])

    def _command(self, descriptor: int) -> list[str]:
        return [
            sys.executable,
            "-m",
            "emulator.serve",
            f"--socket={descriptor}",
            f"--folder={self._folder}",
            f"--shims={','.join(self.shims)}",
            f"--refusals={','.join(self.refusals)}",
            f"--quotas={json.dumps(self.quotas)}",
            f"--parent={0 if self.detached else os.getpid()}",
            f"--wait={self.wait}",
        ]

    def _server_environment(self, folder: Path) -> dict[str, str]:
        inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
        return inherited | {
            "BIND_HOST": HOST,
            "IOT_MTLS_ENABLED": "0",
            "SFTP_ENABLED": "0",
            "MINISTACK_HOST": "localhost",
            "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
            "MINISTACK_REGION": REGION,
            "STATE_DIR": str(folder / "state"),
            "S3_DATA_DIR": str(folder / "s3"),
            "TMPDIR": str(folder / "tmp"),
            "HOME": str(folder),
            # AWS waits a minute between the attempts of an asynchronous invocation; the order is what counts.
            "LAMBDA_ASYNC_RETRY_BASE_SECONDS": "0.1",
            "LAMBDA_ASYNC_RETRY_MAX_SECONDS": "0.5",
            "AUTH": "true" if self.auth else "false",
            "PYTHONUNBUFFERED": "1",
            **credentials(REGION),
        }

    def _wait_until_healthy(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise EmulatorError(f"the emulator ended while starting; its log:\n{self.log_tail()}")
            with contextlib.suppress(OSError, http.client.HTTPException):
                if self._request("GET", "/_ministack/health", timeout=2)[0] == http.client.OK:
                    return
            time.sleep(0.02)
        raise EmulatorError(f"no answer within {START_SECONDS:.0f} s; the emulator's log:\n{self.log_tail()}")

    def _request(self, method: str, path: str, *, timeout: float) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(HOST, self._port, timeout=timeout)
        try:
            connection.request(method, path)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def _remove_folder(self) -> None:
        if self._folder is not None and self._given_folder is None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None


def credentials(region: str = REGION) -> dict[str, str]:
    """Return the emulator's own credentials: a 12-digit access key is the account's root."""
    return {
        "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def client_environment(endpoint: str, *, region: str = REGION) -> dict[str, str]:
    """Return the caller's environment without its AWS settings, pointed at the endpoint."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    loopback = [entry for entry in environment.get("NO_PROXY", "").split(",") if entry]
    no_proxy = ",".join([*loopback, HOST, "localhost"])
    return (
        environment
        | credentials(region)
        | {
            "AWS_ENDPOINT_URL": endpoint,
            "NO_PROXY": no_proxy,
            "no_proxy": no_proxy,
        }
    )


def client(endpoint: str, service: str, *, region: str = REGION, **keys: str) -> Any:  # noqa: ANN401
    """Make a boto3 client of the endpoint that ignores the caller's profiles and proxies.

    Args:
        endpoint: The emulator's URL.
        service: The service's boto3 name.
        region: The region.
        **keys: `aws_access_key_id`, `aws_secret_access_key`, `aws_session_token` of another principal.
    """
    keys = keys or {"aws_access_key_id": ACCOUNT_ID, "aws_secret_access_key": SECRET_KEY}
    config = Config(
        retries={"total_max_attempts": 1},
        # Against hanging: on a busy machine an answer may take a minute.
        connect_timeout=60,
        read_timeout=600,
        proxies={},
        s3={"addressing_style": "path"},
    )
    make: Any = session(region).client
    return make(service, endpoint_url=endpoint, region_name=region, config=config, **keys)
