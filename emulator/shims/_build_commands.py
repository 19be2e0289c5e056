"""The commands of a build, as processes of this machine: the phases of a buildspec, one shell a command."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

PHASES: Final = ("install", "pre_build", "build", "post_build")
IMAGE_FOLDERS: Final = {"/opt/fleet": Path(__file__).resolve().parent.parent.parent}
"""What an image has in a folder, and where that is here: the checkout."""
MARK: Final = "CODEBUILD_BUILD_ARN"
"""The variable by which all processes of a build are found, also those that began a session of their own."""
_SCRIPT: Final = """\
cd "$(cat {folder}/directory)"
[ ! -e {folder}/exported ] || . {folder}/exported
export CODEBUILD_BUILD_SUCCEEDING={succeeding}
set -a
{command}
CODEBUILD_LAST_EXIT=$?
export -p > {folder}/exported
pwd > {folder}/directory
exit $CODEBUILD_LAST_EXIT
"""
"""As CodeBuild's agent does it: what a command exports, and where it goes, is there for the next."""


class SpecError(Exception):
    """The buildspec cannot be read; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """Commands of one phase.

    Attributes:
        name: such as `pre_build`.
        commands: in their order; after one that fails the others are left out.
        finally_: are run in any case.
    """

    name: str
    commands: tuple[str, ...] = ()
    finally_: tuple[str, ...] = ()


def phases(buildspec: str) -> tuple[str, dict[str, str], list[Phase]]:
    """Return the shell, the variables and the phases of a buildspec.

    Raises:
        SpecError: it is no JSON, or has no commands. YAML is not read here.
    """
    try:
        spec = json.loads(buildspec)
    except ValueError as error:
        raise SpecError(f"expected a buildspec in JSON, received {buildspec[:60]!r}: {error}") from error
    environment = spec.get("env") or {}
    found = [
        Phase(
            name=name,
            commands=tuple(given.get("commands") or ()),
            finally_=tuple(given.get("finally") or ()),
        )
        for name in PHASES
        if (given := (spec.get("phases") or {}).get(name))
    ]
    if not found:
        raise SpecError("expected a buildspec with phases, received none")
    return environment.get("shell", "sh"), dict(environment.get("variables") or {}), found


@dataclass(slots=True, kw_only=True)
class Commands:
    """Runs commands one after the other, until it is stopped.

    Attributes:
        folder: of the build.
        environment: of each command.
        shell: `sh` or `bash`.
        log: is told each line.
    """

    folder: Path
    environment: Mapping[str, str]
    shell: str
    log: Callable[[str], None]
    succeeding: bool = True
    """Whether no phase has failed yet."""
    ended: str = ""
    """Why it was stopped: `STOPPED` or `TIMED_OUT`."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def phase(self, phase: Phase) -> int:
        """Run a phase and return the exit code of what failed first, 0 where nothing did."""
        code = self._run(phase.commands)
        last = self._run(phase.finally_)
        return code or last

    def stop(self, outcome: str) -> None:
        """End all processes of the build, with `outcome` as the reason; the first reason counts."""
        with self._lock:
            self.ended = self.ended or outcome
            mark = self.environment[MARK]
            # A process may be started while the others are ended: until there is none.
            while found := list(marked(mark)):
                for pid in found:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                time.sleep(0.01)

    def _run(self, commands: Sequence[str]) -> int:
        for command in commands:
            if code := self._command(command):
                self.log(f"[Container] Command did not exit successfully {command} exit status {code}")
                return code
        return 0

    def _command(self, command: str) -> int:
        directory = self.folder / "directory"
        if not directory.exists():
            source = self.folder / "src"
            source.mkdir(parents=True)
            directory.write_text(str(source))
        here = command
        for path, place in IMAGE_FOLDERS.items():
            here = here.replace(path, str(place))
        script = self.folder / "command"
        folder = shlex.quote(str(self.folder))
        script.write_text(_SCRIPT.format(folder=folder, command=here, succeeding=int(self.succeeding)))
        self.log(f"[Container] Running command {command}")
        with self._lock:
            if self.ended:
                return 1
            process = subprocess.Popen(
                [self.shell, str(script)],
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
            )
        with process:
            if process.stdout is not None:
                for line in process.stdout:
                    self.log(line.decode(errors="replace").rstrip("\n"))
        return process.returncode


def marked(mark: str) -> Iterator[int]:
    """The ids of the processes of a build, but for those that have ended (Linux alone knows them)."""
    wanted = f"{MARK}={mark}".encode()
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal() and int(entry.name) != os.getpid():
            with contextlib.suppress(OSError):
                if wanted in (entry / "environ").read_bytes().split(b"\0"):
                    yield int(entry.name)


def plain(variables: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Return variables of a project or request that are no references to other services."""
    return {
        str(one["name"]): str(one["value"])
        for one in variables
        if one.get("type", "PLAINTEXT") == "PLAINTEXT"
    }


def machine(folder: Path) -> dict[str, str]:
    """Return what an image has of this machine: its programs, this Python first, and its locale."""
    kept = {name: os.environ[name] for name in ("LANG", "LC_ALL", "TZ", "NO_PROXY") if name in os.environ}
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)])
    return kept | {"PATH": path, "HOME": str(folder), "TMPDIR": str(folder)}
