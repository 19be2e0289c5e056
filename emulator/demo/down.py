"""`down`: destroy the stacks, stop the emulator and remove what it left."""

import shutil

from emulator.demo.commands import environment_of, require_terraform
from emulator.demo.console import say, shown
from emulator.demo.destruction import destroy
from emulator.demo.errors import DemoError
from emulator.demo.folder import Folder
from emulator.demo.instance import process_of, running_endpoint
from emulator.processes import stop_process_group
from emulator.server import REPOSITORY

STACK_SECONDS = 300.0
"""Far longer than any stack takes, even on a busy machine: the slowest, the platform, takes about a minute."""


def down(folder: Folder, *, seconds: float = STACK_SECONDS) -> None:
    """Destroy the stacks, stop the emulator and remove the demo's folder.

    Args:
        folder: The demo's folder.
        seconds: How long the destruction of one stack may take.

    Raises:
        DemoError: Something could not be destroyed; the message names it and what holds it.
    """
    endpoint = running_endpoint(folder)
    problems: list[str] = []
    kept = REPOSITORY / "build" / "demo-down.log"
    if endpoint is not None and any(folder.state.glob("*.tfstate")):
        require_terraform()
        problems = destroy(folder, endpoint, environment_of(folder, endpoint), seconds=seconds)
        if problems:
            kept.parent.mkdir(exist_ok=True)
            shutil.copyfile(folder.log, kept)
    if endpoint is not None:
        stop_process_group(process_of(folder)["pid"])
    existed = folder.path.exists()
    shutil.rmtree(folder.path, ignore_errors=True)
    if problems:
        number = "1 stack" if len(problems) == 1 else f"{len(problems)} stacks"
        # All that was left lived in the emulator, so nothing stays behind.
        raise DemoError(
            f"{number} could not be destroyed (log: {shown(kept)}):\n"
            + "\n".join(problems)
            + "\nThe emulator is stopped and everything in it is gone all the same."
        )
    say("The demo is gone." if existed else "There is no demo.")
