"""The folder in which the demo keeps what it makes."""

import contextlib
import fcntl
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from emulator.demo.console import shown
from emulator.demo.errors import MISSING, DemoError
from emulator.server import REPOSITORY


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


@contextlib.contextmanager
def locked(folder: Folder) -> Iterator[None]:
    """Keep every other run of the demo out."""
    with folder.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise DemoError("another run of the demo is at work", code=MISSING) from error
        try:
            yield
        finally:
            folder.lock.unlink(missing_ok=True)


def stack_ids(folder: Folder) -> list[str]:
    """List the stacks that were synthesized last."""
    manifest = folder.output / "manifest.json"
    return sorted(read_object(manifest)["stacks"]) if manifest.exists() else []


def read_object(path: Path) -> dict[str, Any]:
    """Read a file that holds a JSON object."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise DemoError(f"cannot read {shown(path)}: {error}") from error
    if not isinstance(value, dict):
        raise DemoError(f"expected a JSON object in {shown(path)}, received {value!r}")
    return value
