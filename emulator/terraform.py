"""Terraform (or OpenTofu) as a typed runner, with the AWS provider from wherever this machine has it."""

import contextlib
import fcntl
import functools
import json
import os
import platform
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

BINARIES = ("terraform", "tofu")
MINIMUM_VERSION = (1, 9)
# What cdktf-cdktf-provider-aws 20.1.0 binds.
PROVIDER_VERSION = "5.100.0"
PLUGIN_CACHE = Path(__file__).resolve().parent.parent / "build" / "terraform-plugins"
INIT_SECONDS = 900.0  # the provider is 700 MB where it must be downloaded
RUN_SECONDS = 900.0
READ_SECONDS = 120.0
INTERRUPT_SECONDS = 20.0
FAILURE_LINES = 40
SEARCH_DEPTH = 5
SEARCH_SECONDS = 5.0
# Not worth a look: kernel file systems, temporary files, and folders in which provider copies are links.
SEARCH_SKIPS = frozenset(
    {"proc", "sys", "dev", "run", "tmp", "node_modules", ".git", ".terraform", ".venv", "build"}
)
PLAN_EMPTY, PLAN_FAILED, PLAN_CHANGES = 0, 1, 2


class TerraformError(Exception):
    """Terraform is missing, failed or took too long; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a finished command left.

    Attributes:
        returncode: Its exit code.
        output: Standard output.
        errors: Standard error.
        seconds: How long it took.
    """

    returncode: int
    output: str
    errors: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """An error or a warning of `terraform validate`."""

    severity: str
    summary: str
    detail: str = ""
    address: str = ""

    def __str__(self) -> str:
        """One line."""
        where = f"{self.address}: " if self.address else ""
        return f"{self.severity}: {where}{self.summary}" + (f": {self.detail}" if self.detail else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What `terraform validate` found; both are empty when the root is clean."""

    errors: tuple[Diagnostic, ...]
    warnings: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a plan would do to one resource.

    Attributes:
        address: The resource's address.
        actions: `("update",)`, `("delete", "create")`, ...
        attributes: The top-level attributes that change, with their values before and after.
    """

    address: str
    actions: tuple[str, ...]
    attributes: Mapping[str, tuple[Any, Any]]

    def __str__(self) -> str:
        """One line."""
        values = ", ".join(f"{name}: {old!r} -> {new!r}" for name, (old, new) in self.attributes.items())
        return f"{self.address} {'/'.join(self.actions)}: {values}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A plan of `terraform plan -detailed-exitcode`.

    Attributes:
        empty: Whether nothing would change, outputs included.
        changes: What would change, resource by resource.
        output: The plan as Terraform prints it.
    """

    empty: bool
    changes: tuple[Change, ...]
    output: str

    def __str__(self) -> str:
        """The changes, one a line."""
        return "\n".join(map(str, self.changes)) or ("no changes" if self.empty else self.output)


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A Terraform binary and where it takes the AWS provider from.

    Attributes:
        binary: The executable.
        version: Its version.
        mirror: A folder with the provider, or None where Terraform downloads it.
    """

    binary: Path
    version: tuple[int, ...]
    mirror: Path | None

    @property
    def name(self) -> str:
        """`terraform` or `tofu`."""
        return self.binary.name


@functools.cache
def find_installation() -> Installation:
    """The first usable binary on PATH.

    Raises:
        TerraformError: None is there, or it is too old; the message is one line.
    """
    wanted = ".".join(map(str, MINIMUM_VERSION))
    too_old = []
    for name in BINARIES:
        found = shutil.which(name)
        if found is None:
            continue
        version = _version_of(Path(found))
        if version < MINIMUM_VERSION:
            too_old.append(f"{found} is {'.'.join(map(str, version)) or 'of an unknown version'}")
            continue
        return Installation(binary=Path(found), version=version, mirror=find_mirror(name))
    if too_old:
        raise TerraformError(f"Terraform >= {wanted} (or OpenTofu) is needed: {'; '.join(too_old)}")
    raise TerraformError(f"Terraform >= {wanted} (or OpenTofu) is needed: neither is on PATH")


def find_mirror(binary: str, *, version: str = PROVIDER_VERSION) -> Path | None:
    """A folder on this machine that holds the AWS provider in that version, for this platform.

    Terraform's implied mirror folders first, then a search of the file system that is bounded in depth
    and time.

    Args:
        binary: `terraform` or `tofu`: each has a registry of its own, whose host names a folder.
        version: The provider's version.
    """
    host = "registry.opentofu.*" if binary == "tofu" else "registry.terraform.*"
    package = f"{host}/hashicorp/aws/{version}/{platform_name()}"
    for folder in [*_implied_mirrors(), *_folders(Path("/"))]:
        with contextlib.suppress(OSError):
            if next(folder.glob(package), None) is not None:
                return folder
    return None


class Terraform:
    """Runs Terraform with the given environment; one for all roots of a run.

    Args:
        environment: What the process sees: `Emulator.environment()` for the emulator.
        folder: Where the CLI configuration is written. A temporary folder by default.
    """

    def __init__(self, environment: Mapping[str, str], *, folder: Path | None = None) -> None:
        self.installation = find_installation()
        self._temporary = tempfile.TemporaryDirectory(prefix="terraform-") if folder is None else None
        self._folder = folder or Path(self._temporary.name if self._temporary else "")
        self.environment = dict(environment) | cli_environment(self.installation, self._folder)
        self.environment["TF_CLI_ARGS"] = "-no-color"

    def root(self, folder: Path) -> "Root":
        """The root module in a folder."""
        return Root(terraform=self, folder=folder)

    def close(self) -> None:
        """Remove the temporary configuration."""
        if self._temporary is not None:
            self._temporary.cleanup()

    def __enter__(self) -> Self:
        """Nothing to set up: the constructor did."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the temporary configuration."""
        self.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A root module in a folder. Every method raises `TerraformError` when Terraform fails.

    Attributes:
        terraform: The runner.
        folder: The folder with the root's `.tf.json` files.
    """

    terraform: Terraform
    folder: Path
    parallelism: int = field(default=20)

    def init(self, *, timeout: float = INIT_SECONDS) -> Result:
        """Install the provider and set the backend up."""
        with _plugin_cache_lock(self.terraform.environment):
            return self.run("init", timeout=timeout)

    def validate(self) -> Validation:
        """Check the root without asking AWS."""
        result = self.run("validate", "-json", timeout=READ_SECONDS, accepted=(0, 1))
        found = [_diagnostic(item) for item in json.loads(result.output)["diagnostics"]]
        return Validation(
            errors=tuple(item for item in found if item.severity == "error"),
            warnings=tuple(item for item in found if item.severity != "error"),
        )

    def plan(self, *arguments: str, timeout: float = RUN_SECONDS) -> Plan:
        """What an apply would change now."""
        with tempfile.TemporaryDirectory() as folder:
            saved = Path(folder) / "plan"
            result = self.run(
                "plan",
                "-detailed-exitcode",
                f"-parallelism={self.parallelism}",
                f"-out={saved}",
                *arguments,
                timeout=timeout,
                accepted=(PLAN_EMPTY, PLAN_CHANGES),
            )
            empty = result.returncode == PLAN_EMPTY
            changes = () if empty else changes_of(self.show(saved))
        return Plan(empty=empty, changes=changes, output=result.output)

    def show(self, saved_plan: Path) -> dict[str, Any]:
        """A saved plan as JSON."""
        return _as_object(self.run("show", "-json", str(saved_plan), timeout=READ_SECONDS).output)

    def apply(self, *arguments: str, timeout: float = RUN_SECONDS) -> Result:
        """Make what the root describes, without asking."""
        return self.run(
            "apply", "-auto-approve", f"-parallelism={self.parallelism}", *arguments, timeout=timeout
        )

    def destroy(self, *arguments: str, timeout: float = RUN_SECONDS) -> Result:
        """Remove all that the state holds, without asking."""
        return self.run(
            "destroy", "-auto-approve", f"-parallelism={self.parallelism}", *arguments, timeout=timeout
        )

    def outputs(self) -> dict[str, Any]:
        """The outputs' values by name."""
        found = _as_object(self.run("output", "-json", timeout=READ_SECONDS).output)
        return {name: item["value"] for name, item in found.items()}

    def addresses(self) -> list[str]:
        """The addresses in the state, sorted; none where there is no state yet."""
        result = self.run("state", "list", timeout=READ_SECONDS, accepted=(0, 1))
        if result.returncode and "No state file was found" not in result.errors:
            raise _failure(["state", "list"], self.folder, result)
        return sorted(result.output.split())

    def run(self, *arguments: str, timeout: float = RUN_SECONDS, accepted: Sequence[int] = (0,)) -> Result:
        """Run any other command in the root's folder.

        Args:
            *arguments: Terraform's arguments.
            timeout: Seconds; then it is interrupted, and killed if that does not help.
            accepted: The exit codes that are no failure.

        Raises:
            TerraformError: Another exit code, or the timeout; with the last lines of its output.
        """
        started = time.monotonic()
        process = self.start(*arguments)
        try:
            output, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            output, errors = _interrupt(process)
            shown = _last_lines(output + errors)
            raise TerraformError(
                f"{self._shown(arguments)} took longer than {timeout:.0f} s:\n{shown}"
            ) from error
        except BaseException:
            _interrupt(process)
            raise
        result = Result(
            returncode=process.returncode, output=output, errors=errors, seconds=time.monotonic() - started
        )
        if result.returncode not in accepted:
            raise _failure(arguments, self.folder, result)
        return result

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command and return at once; it leads a process group of its own."""
        return subprocess.Popen(
            [str(self.terraform.installation.binary), *arguments],
            cwd=self.folder,
            env=self.terraform.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def _shown(self, arguments: Sequence[str]) -> str:
        return f"{self.terraform.installation.name} {' '.join(arguments[:1])} in {self.folder}"


def changes_of(plan: Mapping[str, Any]) -> tuple[Change, ...]:
    """What a plan, as JSON, would change: the resources first, then the outputs."""
    changes = []
    entries = [(entry["address"], entry["change"]) for entry in plan.get("resource_changes", [])]
    entries += [(f"output.{name}", change) for name, change in plan.get("output_changes", {}).items()]
    for address, change in entries:
        actions = tuple(change["actions"])
        if actions in {("no-op",), ("read",)}:
            continue
        before, after = _attributes(change.get("before")), _attributes(change.get("after"))
        names = sorted(before.keys() | after.keys())
        differing = {n: (before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)}
        changes.append(Change(address=address, actions=actions, attributes=differing))
    return tuple(changes)


def cli_environment(installation: Installation, folder: Path) -> dict[str, str]:
    """The variables that make Terraform quiet, non-interactive and able to find the provider.

    A configuration file of the user's own is left to say where providers come from.

    Args:
        installation: The binary and the mirror.
        folder: Where a configuration file may be written.
    """
    environment = {
        "TF_IN_AUTOMATION": "1",
        "TF_INPUT": "0",
        "CHECKPOINT_DISABLE": "1",
        "TERRAFORM_BINARY_NAME": str(installation.binary),
    }
    configured = os.environ.get("TF_CLI_CONFIG_FILE")
    own = Path(configured) if configured else Path.home() / ".terraformrc"
    if own.is_file():
        return environment
    configuration = folder / "terraform-cli.tfrc"
    lines = []
    if installation.mirror is not None:
        # An unpacked mirror is linked into each root, so no cache is needed.
        lines = [
            "provider_installation {",
            f"  filesystem_mirror {{\n    path    = {json.dumps(str(installation.mirror))}",
            '    include = ["hashicorp/aws"]\n  }',
            '  direct {\n    exclude = ["hashicorp/aws"]\n  }',
            "}",
        ]
    elif "TF_PLUGIN_CACHE_DIR" not in os.environ:
        PLUGIN_CACHE.mkdir(parents=True, exist_ok=True)
        environment["TF_PLUGIN_CACHE_DIR"] = str(PLUGIN_CACHE)
        # The stacks' lock files are made anew at each synthesis: without this each would download again.
        environment["TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"] = "1"
    # Written even when empty: TF_CLI_CONFIG_FILE may name a file that does not exist, which warns.
    folder.mkdir(parents=True, exist_ok=True)
    configuration.write_text("\n".join(lines) + "\n")
    environment["TF_CLI_CONFIG_FILE"] = str(configuration)
    return environment


@contextlib.contextmanager
def _plugin_cache_lock(environment: Mapping[str, str]) -> Iterator[None]:
    """Terraform's plugin cache is not safe for inits side by side: one at a time, across processes."""
    cache = environment.get("TF_PLUGIN_CACHE_DIR")
    if cache is None:
        yield
        return
    with (Path(cache) / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _version_of(binary: Path) -> tuple[int, ...]:
    environment = {name: value for name, value in os.environ.items() if name != "TF_CLI_CONFIG_FILE"}
    try:
        result = subprocess.run(
            [str(binary), "version", "-json"],
            env=environment | {"CHECKPOINT_DISABLE": "1"},
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )
        found = re.match(r"(\d+)\.(\d+)\.(\d+)", str(json.loads(result.stdout)["terraform_version"]))
    except (OSError, subprocess.TimeoutExpired, ValueError, KeyError):
        found = None
    return tuple(map(int, found.groups())) if found else ()


def platform_name() -> str:
    """This machine as a provider package names it (`linux_amd64`)."""
    machine = platform.machine().lower()
    architecture = {"x86_64": "amd64", "aarch64": "arm64"}.get(machine, machine)
    return f"{platform.system().lower()}_{architecture}"


def _implied_mirrors() -> list[Path]:
    """Where Terraform itself looks (its documentation: CLI configuration, implied local mirrors)."""
    home = Path.home()
    data_home = os.environ.get("XDG_DATA_HOME") or str(home / ".local" / "share")
    data_folders = (os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")
    support = "Library/Application Support/io.terraform/plugins"
    return [
        home / ".terraform.d" / "plugins",
        home / support,
        Path("/") / support,
        *(Path(folder) / "terraform" / "plugins" for folder in [data_home, *data_folders]),
    ]


def _folders(top: Path) -> Iterator[Path]:
    """The folders below `top` on its own file system, the nearest first, bounded in depth and time."""
    deadline = time.monotonic() + SEARCH_SECONDS
    device = top.stat().st_dev
    waiting = deque([(top, 0)])
    while waiting and time.monotonic() < deadline:
        folder, depth = waiting.popleft()
        yield folder
        if depth == SEARCH_DEPTH:
            continue
        with contextlib.suppress(OSError), os.scandir(folder) as entries:
            for entry in entries:
                if (
                    entry.name not in SEARCH_SKIPS
                    and entry.is_dir(follow_symlinks=False)
                    and entry.stat(follow_symlinks=False).st_dev == device
                ):
                    waiting.append((Path(entry.path), depth + 1))


def _interrupt(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Ask Terraform to stop, so that it writes its state; kill its group when it does not."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGINT)
    try:
        return process.communicate(timeout=INTERRUPT_SECONDS)
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        return process.communicate()


def _failure(arguments: Sequence[str], folder: Path, result: Result) -> TerraformError:
    shown = _last_lines(result.output + result.errors)
    return TerraformError(f"terraform {' '.join(arguments[:1])} in {folder} failed:\n{shown}")


def _last_lines(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-FAILURE_LINES:])


def _diagnostic(item: Mapping[str, Any]) -> Diagnostic:
    return Diagnostic(
        severity=item["severity"],
        summary=item["summary"],
        detail=item.get("detail", ""),
        address=item.get("address", ""),
    )


def _attributes(value: object) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    return {} if value is None else {"value": value}


def _as_object(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise TerraformError(f"expected a JSON object, received {text[:200]!r}")
    return value
