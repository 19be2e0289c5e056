"""Run Terraform in the folder of a root module, with typed results."""

import contextlib
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from terraform.binary import find_installation
from terraform.configuration import cli_environment, plugin_cache_lock
from terraform.errors import TerraformError
from terraform.plans import Plan, changes_of
from terraform.validation import Validation, validation_of

INIT_SECONDS = 900.0  # the provider is 700 MB where it must be downloaded
RUN_SECONDS = 900.0
READ_SECONDS = 120.0
# Long enough to write the state on a machine that does much else.
INTERRUPT_SECONDS = 60.0
FAILURE_LINES = 40
# Exit codes of `plan -detailed-exitcode`.
PLAN_EMPTY, PLAN_CHANGES = 0, 2


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


class Terraform:
    """Run Terraform with the given environment; one for all roots of a run.

    Args:
        environment: The environment variables that Terraform and the provider see.
        folder: Where the CLI configuration is written; a temporary folder by default.
    """

    def __init__(self, environment: Mapping[str, str], *, folder: Path | None = None) -> None:
        self.installation = find_installation()
        self._temporary = tempfile.TemporaryDirectory(prefix="terraform-") if folder is None else None
        self._folder = folder or Path(self._temporary.name if self._temporary else "")
        self.environment = dict(environment) | cli_environment(self.installation, self._folder)
        self.environment["TF_CLI_ARGS"] = "-no-color"

    def root(self, folder: Path) -> "Root":
        """Return the root module in a folder."""
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
        with plugin_cache_lock(self.terraform.environment):
            return self.run("init", timeout=timeout)

    def validate(self) -> Validation:
        """Check the root without asking AWS."""
        result = self.run("validate", "-json", timeout=READ_SECONDS, accepted=(0, 1))
        return validation_of(_as_object(result.output))

    def plan(self, *arguments: str, timeout: float = RUN_SECONDS) -> Plan:
        """Plan, and return what an apply would change now."""
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
        """Return a saved plan as JSON."""
        return _as_object(self.run("show", "-json", str(saved_plan), timeout=READ_SECONDS).output)

    def show_state(self) -> dict[str, Any]:
        """Return the state as JSON."""
        return _as_object(self.run("show", "-json", timeout=READ_SECONDS).output)

    def apply(self, *arguments: str, timeout: float = RUN_SECONDS) -> Result:
        """Make what the root describes, without asking for approval."""
        return self.run(
            "apply", "-auto-approve", f"-parallelism={self.parallelism}", *arguments, timeout=timeout
        )

    def destroy(self, *arguments: str, timeout: float = RUN_SECONDS) -> Result:
        """Destroy everything in the state, without asking for approval."""
        return self.run(
            "destroy", "-auto-approve", f"-parallelism={self.parallelism}", *arguments, timeout=timeout
        )

    def outputs(self) -> dict[str, Any]:
        """Return the values of the outputs by name."""
        found = _as_object(self.run("output", "-json", timeout=READ_SECONDS).output)
        return {name: item["value"] for name, item in found.items()}

    def addresses(self) -> list[str]:
        """Return the addresses in the state, sorted; none if there is no state yet."""
        result = self.run("state", "list", timeout=READ_SECONDS, accepted=(0, 1))
        if result.returncode and "No state file was found" not in result.errors:
            raise self._failure(("state", "list"), result)
        return sorted(result.output.split())

    def run(self, *arguments: str, timeout: float = RUN_SECONDS, accepted: Sequence[int] = (0,)) -> Result:
        """Run any other command in the root's folder.

        Args:
            *arguments: Terraform's arguments.
            timeout: In seconds. After it Terraform is interrupted, and killed if that does not help.
            accepted: The exit codes that do not count as a failure.

        Raises:
            TerraformError: The exit code is another one, or the time is over. The message ends with the
                last lines of the output.
        """
        started = time.monotonic()
        process = self.start(*arguments)
        try:
            output, errors = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired as error:
            output, errors = _interrupt(process)
            printed = output + errors
            raise TerraformError(
                f"{self._shown(arguments)} took longer than {timeout:.0f} s:\n{_last_lines(printed)}",
                output=printed,
            ) from error
        except BaseException:
            _interrupt(process)
            raise
        result = Result(
            returncode=process.returncode, output=output, errors=errors, seconds=time.monotonic() - started
        )
        if result.returncode not in accepted:
            raise self._failure(arguments, result)
        return result

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own, and return at once."""
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

    def _failure(self, arguments: Sequence[str], result: Result) -> TerraformError:
        printed = result.output + result.errors
        return TerraformError(f"{self._shown(arguments)} failed:\n{_last_lines(printed)}", output=printed)


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


def _last_lines(output: str) -> str:
    return "\n".join(output.strip().splitlines()[-FAILURE_LINES:])


def _as_object(text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise TerraformError(f"expected a JSON object, received {text[:200]!r}")
    return value
