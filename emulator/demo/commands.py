"""The programs that the demo runs: where they are, their environment, and how one is interrupted."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import psutil

from emulator.demo.console import Progress, first_error, say, shown
from emulator.demo.errors import MISSING, DemoError
from emulator.demo.folder import Folder
from emulator.deployer_role import ROLE_ARN, deployer_environment
from emulator.server import REPOSITORY
from progress.showing import OFF, working
from terraform.binary import BINARIES, find_installation
from terraform.configuration import cli_environment
from terraform.errors import TerraformError

INTERRUPT_SECONDS = 60.0
# Of `config/settings.py` and `config/formats.py`, which the local AWS does not know.
SUFFIX = "test"
SUFFIX_FORM = re.compile(r"[a-z0-9]{1,12}")
SUFFIX_EXPECTED = "1 to 12 lowercase letters and digits, such as 'dev' or 'pr123'"
# Settings of a real deployment that have no place in the demo.
UNSET = ("STATE_BUCKET", "STATE_BUCKET_REGION", "STATE_DIRECTORY", "STACKS")


def require_terraform() -> None:
    """Check that a usable Terraform is there.

    Raises:
        DemoError: It is missing; the message is one line.
    """
    try:
        find_installation()
    except TerraformError as error:
        raise DemoError(str(error), code=MISSING) from error


def require_cdktf() -> str:
    """Return the path of the cdktf command.

    Raises:
        DemoError: It or Terraform is missing; the message is one line.
    """
    require_terraform()
    found = shutil.which("cdktf", path=_search_path())
    if found is None:
        raise DemoError("the cdktf command is missing: run `make setup`", code=MISSING)
    return found


def environment_of(folder: Folder, endpoint: str) -> dict[str, str]:
    """Return the environment in which cdktf and Terraform reach the emulator only, as the deployer's role.

    The role alone administers the keys, as in production.
    """
    environment = deployer_environment(endpoint, suffix=suffix())
    environment |= cli_environment(find_installation(), folder.path)
    for name in UNSET:
        environment.pop(name, None)
    return environment | {
        "PATH": _search_path(),
        "KEY_ADMINISTRATOR_ARNS": ROLE_ARN,
        "STATE_DIRECTORY": str(folder.state),
        # cdktf would set a plugin cache of its own, which is not safe for several stacks at a time.
        "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
        "DISABLE_VERSION_CHECK": "1",
        "CI": "1",
        "NO_COLOR": "1",
        "FORCE_COLOR": "0",
    }


def suffix() -> str:
    """Return the suffix of the environment that is deployed: the caller's own, as `main.py` reads it.

    Raises:
        DemoError: It is none; the message is one line.
    """
    found = os.environ.get("ENVIRONMENT_SUFFIX") or SUFFIX
    if not SUFFIX_FORM.fullmatch(found):
        raise DemoError(f"ENVIRONMENT_SUFFIX: received {found!r}, expected {SUFFIX_EXPECTED}", code=MISSING)
    return found


def synthesize(folder: Folder, environment: Mapping[str, str]) -> None:
    """Synthesize the stacks, as `make synth` does; what the app says is in the log.

    Raises:
        DemoError: They cannot be; the message is the app's, and so is the exit code.
    """
    command = [sys.executable, "main.py"]
    with working("synthesizing the stacks"):
        done = subprocess.run(
            command,
            cwd=REPOSITORY,
            env={**environment, **OFF, "CDKTF_OUTDIR": str(folder.output)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    with folder.log.open("a") as log:
        log.write(f"\n$ {' '.join(command)}\n{done.stdout}")
    if done.returncode:
        said = done.stdout.strip() or f"main.py ended with {done.returncode}"
        raise DemoError(f"the stacks cannot be synthesized:\n{said}", code=done.returncode)


def _search_path() -> str:
    own = [REPOSITORY / ".venv" / "bin", REPOSITORY / "node_modules" / ".bin"]
    return os.pathsep.join([*map(str, own), os.environ.get("PATH", os.defpath)])


def run(
    folder: Folder,
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    progress: Progress,
) -> None:
    """Run a command with its output in the log, from which `progress` tells; a failure shows its first error."""
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
                progress.read(line)
    if process.returncode:
        found = first_error(folder.log.read_text(errors="replace")[first:])
        reason = "\n".join(f"  {line}" for line in found)
        name = Path(command[0]).name
        raise DemoError(f"{name} {command[1]} failed (log: {shown(folder.log)}):\n{reason}")


@contextlib.contextmanager
def _interruptible(process: subprocess.Popen[str]) -> Iterator[None]:
    """On Ctrl-C let Terraform finish what it is doing and write its state."""
    try:
        yield
    except KeyboardInterrupt:
        say("\nInterrupting: waiting for Terraform to write its state ...")
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
