"""The demo: all stacks, deployed with real Terraform on the local AWS (`make demo`, `make demo-down`).

All that it makes stands in `.demo/`. `up` can run twice: it goes on with the emulator that is running.
"""

import argparse
import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import psutil
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import BotoCoreError, ClientError

from emulator import server
from emulator.server import REGION, REPOSITORY, Emulator, EmulatorError
from emulator.terraform import (
    BINARIES,
    PLUGIN_CACHE,
    PROVIDER_VERSION,
    Terraform,
    TerraformError,
    cli_environment,
    find_installation,
)

OK, FAILED, MISSING, INTERRUPTED = 0, 1, 2, 130
PARALLEL_STACKS = 3
TERRAFORM_PARALLELISM = 30
PROGRESS_SECONDS = 5.0
INTERRUPT_SECONDS = 60.0
LOG_LINES = 25
USER = "demo@example.com"
FINISHED = re.compile(r": (?:Creation|Modifications|Destruction) complete after")
PLANNED = re.compile(r"Plan: (\d+) to add, (\d+) to change, (\d+) to destroy")
ERROR = re.compile(r"(?:^|\s)Error: ")
API_ID = re.compile(r"//([a-z0-9]+)\.execute-api")
# Settings of a real deployment that have no place in the demo.
UNSET = ("STATE_BUCKET", "STATE_BUCKET_REGION", "STATE_DIRECTORY", "STACKS", "KEY_ADMINISTRATOR_ARNS")


class DemoError(Exception):
    """The demo cannot go on; the message is for the user. `code` is the exit code."""

    def __init__(self, message: str, *, code: int = FAILED) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Folder:
    """Where the demo keeps what it makes."""

    path: Path = field(default=REPOSITORY / ".demo")

    @property
    def log(self) -> Path:
        """What cdktf and Terraform said."""
        return self.path / "demo.log"

    @property
    def emulator_log(self) -> Path:
        """What the emulator said, and the functions that it ran."""
        return self.path / "emulator" / "emulator.log"

    @property
    def output(self) -> Path:
        """The synthesized stacks."""
        return self.path / "cdktf.out"

    @property
    def state(self) -> Path:
        """The demo's own Terraform state."""
        return self.path / "state"

    @property
    def process(self) -> Path:
        """The emulator's process id and port."""
        return self.path / "emulator.json"

    @property
    def lock(self) -> Path:
        """Held while the demo changes something; beside the folder, which `down` removes."""
        return self.path.with_name(f"{self.path.name}.lock")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `up` or `down`; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m emulator.demo", description=__doc__)
    parser.add_argument("command", choices=["up", "down"])
    parser.add_argument("stacks", nargs="*", help="stack ids to deploy; all by default")
    parser.add_argument("--folder", type=Path, default=Folder().path, help="default: .demo")
    options = parser.parse_args(arguments)
    folder = Folder(options.folder.resolve())
    # Asked to end in whatever way: Terraform must still write its state.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    again = "`make demo` goes on from here, `make demo-down` removes everything."
    try:
        with _locked(folder):
            if options.command == "up":
                up(folder, options.stacks)
            else:
                down(folder)
    except KeyboardInterrupt:
        _say(f"\nInterrupted. {again}")
        return INTERRUPTED
    except (DemoError, EmulatorError, TerraformError) as error:
        _say(f"demo: {error}", sys.stderr)
        return error.code if isinstance(error, DemoError) else FAILED
    return OK


def up(folder: Folder, stacks: Sequence[str] = ()) -> None:
    """Deploy the stacks and show how to use them."""
    tools = _require_tools()
    started = time.monotonic()
    endpoint = _running_endpoint(folder)
    if endpoint is None:
        # The state describes what an emulator held that is gone.
        shutil.rmtree(folder.path, ignore_errors=True)
        endpoint = _start_emulator(folder)
        _say(f"Emulator started: {endpoint} (log: {_shown(folder.emulator_log)})")
    else:
        _say(f"Emulator running: {endpoint}")
    environment = _environment(folder, endpoint)
    _say("Synthesizing the stacks ...")
    _run(folder, [tools["cdktf"], "synth", f"--output={folder.output}"], environment)
    known = _stack_ids(folder)
    if unknown := set(stacks) - set(known):
        raise DemoError(f"no such stacks: {sorted(unknown)}; there are {known}", code=MISSING)
    wanted = list(stacks) or known
    _fill_plugin_cache(folder, environment)
    _say(f"Deploying {len(wanted)} stacks, {PARALLEL_STACKS} at a time: {', '.join(wanted)}")
    _run(
        folder,
        [
            *(tools["cdktf"], "deploy", *wanted),
            *("--auto-approve", "--skip-synth", "--skip-provider-lock", "--no-color"),
            f"--parallelism={PARALLEL_STACKS}",
            f"--terraform-parallelism={TERRAFORM_PARALLELISM}",
            f"--output={folder.output}",
        ],
        environment,
        progress=Progress(started),
    )
    _show(folder, endpoint, started)


def down(folder: Folder) -> None:
    """Destroy the stacks, stop the emulator and remove the demo's folder."""
    endpoint = _running_endpoint(folder)
    problem = ""
    if endpoint is not None and _stack_ids(folder):
        tools = _require_tools()
        _say("Destroying the stacks ...")
        try:
            _run(
                folder,
                [
                    *(tools["cdktf"], "destroy", *_stack_ids(folder)),
                    *("--auto-approve", "--skip-synth", "--skip-provider-lock", "--no-color"),
                    f"--parallelism={PARALLEL_STACKS}",
                    f"--terraform-parallelism={TERRAFORM_PARALLELISM}",
                    f"--output={folder.output}",
                ],
                _environment(folder, endpoint),
                progress=Progress(time.monotonic()),
            )
        except DemoError as error:
            kept = REPOSITORY / "build" / "demo-down.log"
            kept.parent.mkdir(exist_ok=True)
            shutil.copyfile(folder.log, kept)
            problem = str(error).replace(_shown(folder.log), _shown(kept))
    if endpoint is not None:
        server.stop_process_group(_process(folder)["pid"])
    existed = folder.path.exists()
    shutil.rmtree(folder.path, ignore_errors=True)
    if problem:
        # All that was left lived in the emulator, so nothing stays behind.
        raise DemoError(f"{problem}\nThe emulator is stopped and its state removed all the same.")
    _say("The demo is gone." if existed else "There is no demo.")


class Progress:
    """What has been done so far, one line every few seconds, from what cdktf prints."""

    def __init__(self, started: float) -> None:
        self._started = started
        self._shown_at = 0.0
        self._done = 0
        self._planned = 0

    def read(self, line: str) -> None:
        """Take a line of cdktf's output into account."""
        if plan := PLANNED.search(line):
            self._planned += sum(map(int, plan.groups()))
        if FINISHED.search(line):
            self._done += 1
            if self._done == self._planned or time.monotonic() - self._shown_at >= PROGRESS_SECONDS:
                self.show()

    def show(self) -> None:
        """Print the line."""
        self._shown_at = time.monotonic()
        seconds = self._shown_at - self._started
        _say(f"  {seconds:4.0f} s  {self._done} of {self._planned} resources done")


def call_api(endpoint: str, api_url: str) -> tuple[str, str]:
    """Call an HTTP API on the emulator as a user of its own; what to type for it, and the answer.

    Args:
        endpoint: The emulator's URL.
        api_url: The API's URL as the stack's output says; on AWS it would be called as it is.
    """
    found = API_ID.search(api_url)
    if found is None:
        raise DemoError(f"expected the URL of an HTTP API, received {api_url!r}")
    url = f"{endpoint}/_aws/execute-api/{found[1]}/$default/"
    gateway = server.client(endpoint, "apigatewayv2")
    routes = gateway.get_routes(ApiId=found[1])["Items"]
    authorizers = {item["AuthorizerId"]: item for item in gateway.get_authorizers(ApiId=found[1])["Items"]}
    route = routes[0]
    if route["AuthorizationType"] == "AWS_IAM":
        request = AWSRequest(method="GET", url=url)
        SigV4Auth(Credentials(server.ACCOUNT_ID, server.SECRET_KEY), "execute-api", REGION).add_auth(request)
        return f"curl --aws-sigv4 aws:amz:{REGION}:execute-api '{url}'", _get(url, dict(request.headers))
    jwt = authorizers[route["AuthorizerId"]]["JwtConfiguration"]
    token = _token(endpoint, pool=jwt["Issuer"].rpartition("/")[2], audience=jwt["Audience"][0])
    return token, _get(url, {"Authorization": f"Bearer {token}"})


def _token(endpoint: str, *, pool: str, audience: str) -> str:
    """A token of a demo user, who is made where missing."""
    cognito = server.client(endpoint, "cognito-idp")
    password = f"Aa1!{secrets.token_urlsafe(24)}"
    with contextlib.suppress(cognito.exceptions.UsernameExistsException):
        cognito.admin_create_user(
            UserPoolId=pool, Username=USER, TemporaryPassword=password, MessageAction="SUPPRESS"
        )
    cognito.admin_set_user_password(UserPoolId=pool, Username=USER, Password=password, Permanent=True)
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=audience,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": USER, "PASSWORD": password},
    )
    return str(answer["AuthenticationResult"]["AccessToken"])


def _get(url: str, headers: Mapping[str, str]) -> str:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    request = urllib.request.Request(url, headers=dict(headers))  # noqa: S310 - the emulator's own URL
    try:
        with opener.open(request, timeout=60) as answer:
            return f"{answer.status} {answer.read().decode()}"
    except urllib.error.HTTPError as error:
        return f"{error.code} {error.read().decode()}"
    except OSError as error:
        raise DemoError(f"no answer from {url}: {error}") from error


def _show(folder: Folder, endpoint: str, started: float) -> None:
    # cdktf's own file of outputs names them by construct; the state has the names that the stacks give.
    states = {path.stem: _as_object(path) for path in sorted(folder.state.glob("*.tfstate"))}
    for stack, state in states.items():
        values = {name: item["value"] for name, item in state["outputs"].items()}
        _say(f"\n{stack}")
        for name, value in values.items():
            _say(f"  {name} = {value}")
        for name, value in values.items():
            if name.startswith("tenant-endpoint"):
                _show_call(folder, endpoint, stack, str(value))
    _say(f"\n{len(states)} stacks deployed in {time.monotonic() - started:.0f} s on {endpoint}")
    _say(
        f"To look around: aws --endpoint-url {endpoint} ... (key {server.ACCOUNT_ID}, secret {server.SECRET_KEY})"
    )
    _say("To take it down: make demo-down")


def _show_call(folder: Folder, endpoint: str, stack: str, api_url: str) -> None:
    found = API_ID.search(api_url)
    try:
        shown, answer = call_api(endpoint, api_url)
    except (DemoError, ClientError, BotoCoreError) as error:
        _say(f"  its API could not be called: {error}")
        return
    if not shown.startswith("curl") and found:
        token = folder.path / f"{stack}.token"
        token.touch(mode=0o600)
        token.write_text(shown)
        url = f"{endpoint}/_aws/execute-api/{found[1]}/$default/"
        shown = f"curl -H \"Authorization: Bearer $(cat '{_shown(token)}')\" '{url}'"
    _say(f"  call its API:\n    {shown}\n    {answer}")


def _require_tools() -> dict[str, str]:
    """The programs that the demo runs; a line that says which is missing."""
    try:
        find_installation()
    except TerraformError as error:
        raise DemoError(str(error), code=MISSING) from error
    found = shutil.which("cdktf", path=_path())
    if found is None:
        raise DemoError("the cdktf command is missing: run `make setup`", code=MISSING)
    return {"cdktf": found}


def _path() -> str:
    own = [REPOSITORY / ".venv" / "bin", REPOSITORY / "node_modules" / ".bin"]
    return os.pathsep.join([*map(str, own), os.environ.get("PATH", os.defpath)])


def _environment(folder: Folder, endpoint: str) -> dict[str, str]:
    environment = server.client_environment(endpoint)
    environment |= cli_environment(find_installation(), folder.path)
    for name in UNSET:
        environment.pop(name, None)
    return environment | {
        "PATH": _path(),
        "STATE_DIRECTORY": str(folder.state),
        # cdktf would set a plugin cache of its own, which is not safe for several stacks at a time.
        "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
        "DISABLE_VERSION_CHECK": "1",
        "CI": "1",
        "NO_COLOR": "1",
        "FORCE_COLOR": "0",
    }


def _start_emulator(folder: Folder) -> str:
    folder.path.mkdir(parents=True)
    emulator = Emulator(folder=folder.emulator_log.parent, detached=True).start()
    folder.process.write_text(json.dumps({"pid": emulator.pid, "port": emulator.port}))
    return emulator.endpoint


def _process(folder: Folder) -> dict[str, int]:
    return {name: int(value) for name, value in _as_object(folder.process).items()}


def _running_endpoint(folder: Folder) -> str | None:
    """The URL of the demo's emulator while it runs; the process id may be another program's by now."""
    if not folder.process.exists():
        return None
    process = _process(folder)
    command = subprocess.run(
        # Twice wide: with COLUMNS set, ps would cut the command off.
        ["ps", "-ww", "-o", "command=", "-p", str(process["pid"])],
        capture_output=True,
        text=True,
        check=False,
    )
    if str(folder.emulator_log.parent) not in command.stdout:
        return None
    return f"http://{server.HOST}:{process['port']}"


def _stack_ids(folder: Folder) -> list[str]:
    manifest = folder.output / "manifest.json"
    return sorted(_as_object(manifest)["stacks"]) if manifest.exists() else []


def _fill_plugin_cache(folder: Folder, environment: Mapping[str, str]) -> None:
    """Where the provider is downloaded: once and alone, as several inits cannot share a cache safely."""
    if environment.get("TF_PLUGIN_CACHE_DIR") != str(PLUGIN_CACHE) or any(PLUGIN_CACHE.glob("*/*/*/*")):
        return
    _say("Downloading the AWS provider (700 MB, once) ...")
    root = folder.path / "provider"
    root.mkdir(exist_ok=True)
    needed = {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}}
    (root / "root.tf.json").write_text(json.dumps({"terraform": {"required_providers": needed}}))
    with Terraform(environment) as terraform:
        terraform.root(root).init()


def _run(
    folder: Folder,
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    progress: Progress | None = None,
) -> None:
    """Run a command with its output in the log; a failure shows its first error."""
    with folder.log.open("a") as log:
        log.write(f"\n$ {' '.join(command)}\n")
        log.flush()
        first = log.tell()
        process = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C reaches it through us, so that we can wait until Terraform has written its state.
            start_new_session=True,
        )
        with process, _interruptible(process):
            for line in process.stdout or ():
                log.write(line)
                log.flush()
                if progress is not None:
                    progress.read(line)
    if process.returncode:
        lines = folder.log.read_text(errors="replace")[first:].strip().splitlines()
        # The other stacks go on after one has failed, so that the reason rarely stands at the end.
        first_error = next((i for i, line in enumerate(lines) if ERROR.search(line)), -LOG_LINES)
        last = "\n".join(f"  {line}" for line in lines[first_error:][:LOG_LINES])
        name = Path(command[0]).name
        raise DemoError(f"{name} {command[1]} failed (log: {_shown(folder.log)}):\n{last}")


@contextlib.contextmanager
def _interruptible(process: subprocess.Popen[str]) -> Iterator[None]:
    """On Ctrl-C let Terraform finish what it is doing and write its state."""
    try:
        yield
    except KeyboardInterrupt:
        _say("\nInterrupting: waiting for Terraform to write its state ...")
        # cdktf blocks when nobody reads what it prints.
        threading.Thread(target=process.communicate, daemon=True).start()
        _interrupt_terraform(process.pid)
        raise


def _interrupt_terraform(cdktf: int) -> None:
    """End cdktf after the Terraform runs below it: it would leave them behind, in sessions of their own."""
    below: list[psutil.Process] = []
    try:
        below.append(parent := psutil.Process(cdktf))
        below += parent.children(recursive=True)
        runs = [child for child in below if child.name() in BINARIES]
        for child in runs:
            child.send_signal(signal.SIGINT)
        psutil.wait_procs(runs, timeout=INTERRUPT_SECONDS)
        # The next stacks, which cdktf may have begun meanwhile, have nothing to lose yet.
        below += parent.children(recursive=True)
    except (psutil.NoSuchProcess, KeyboardInterrupt):
        pass  # it ended by itself, or the user asked again: whatever is left ends now
    for child in below:
        with contextlib.suppress(psutil.NoSuchProcess):
            child.kill()
    psutil.wait_procs(below, timeout=INTERRUPT_SECONDS)


@contextlib.contextmanager
def _locked(folder: Folder) -> Iterator[None]:
    with folder.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DemoError("another run of the demo is at work", code=MISSING) from error
        try:
            yield
        finally:
            folder.lock.unlink(missing_ok=True)


def _as_object(path: Path) -> dict[str, Any]:
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise DemoError(f"cannot read {_shown(path)}: {error}") from error
    if not isinstance(value, dict):
        raise DemoError(f"expected a JSON object in {_shown(path)}, received {value!r}")
    return value


def _shown(path: Path) -> str:
    return str(path.relative_to(REPOSITORY)) if path.is_relative_to(REPOSITORY) else str(path)


def _say(text: str, stream: TextIO | None = None) -> None:
    stream = stream or sys.stdout
    stream.write(f"{text}\n")
    stream.flush()


if __name__ == "__main__":
    sys.exit(main())
