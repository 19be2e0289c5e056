"""`down`: destroy the stacks, stop the emulator and remove what it left."""

import shutil
import time

from emulator import server
from emulator.demo.commands import environment_of, require_cdktf, run
from emulator.demo.console import Progress, say, shown
from emulator.demo.errors import DemoError
from emulator.demo.folder import Folder, stack_ids
from emulator.demo.instance import process_of, running_endpoint
from emulator.demo.up import PARALLEL_STACKS, TERRAFORM_PARALLELISM
from emulator.server import REPOSITORY


def down(folder: Folder) -> None:
    """Destroy the stacks, stop the emulator and remove the demo's folder."""
    endpoint = running_endpoint(folder)
    problem = ""
    if endpoint is not None and stack_ids(folder):
        cdktf = require_cdktf()
        say("Destroying the stacks ...")
        try:
            run(
                folder,
                [
                    *(cdktf, "destroy", *stack_ids(folder)),
                    *("--auto-approve", "--skip-synth", "--skip-provider-lock", "--no-color"),
                    f"--parallelism={PARALLEL_STACKS}",
                    f"--terraform-parallelism={TERRAFORM_PARALLELISM}",
                    f"--output={folder.output}",
                ],
                environment_of(folder, endpoint),
                progress=Progress(time.monotonic()),
            )
        except DemoError as error:
            kept = REPOSITORY / "build" / "demo-down.log"
            kept.parent.mkdir(exist_ok=True)
            shutil.copyfile(folder.log, kept)
            problem = str(error).replace(shown(folder.log), shown(kept))
    if endpoint is not None:
        server.stop_process_group(process_of(folder)["pid"])
    existed = folder.path.exists()
    shutil.rmtree(folder.path, ignore_errors=True)
    if problem:
        # All that was left lived in the emulator, so nothing stays behind.
        raise DemoError(f"{problem}\nThe emulator is stopped and its state removed all the same.")
    say("The demo is gone." if existed else "There is no demo.")
