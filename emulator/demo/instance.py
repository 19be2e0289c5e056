"""The emulator of the demo, which outlives the command that starts it."""

import json
import subprocess

from emulator import refusals, server
from emulator.demo.folder import Folder, read_object
from emulator.server import Emulator

REFUSALS = (*refusals.select(None), "lambda_network_interfaces")
"""The demo is taken down as a deployment is on AWS: functions' network interfaces outlive them."""


def start_emulator(folder: Folder) -> str:
    """Start it and note how it is found again; return its URL."""
    folder.path.mkdir(parents=True)
    emulator = Emulator(
        auth=True, refusals=REFUSALS, folder=folder.emulator_log.parent, detached=True
    ).start()
    folder.process.write_text(json.dumps({"pid": emulator.pid, "port": emulator.port}))
    return emulator.endpoint


def running_endpoint(folder: Folder) -> str | None:
    """Return the URL of the demo's emulator, or None if it does not run.

    Its process id may belong to another program by now, so the command line is checked.
    """
    if not folder.process.exists():
        return None
    process = process_of(folder)
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


def process_of(folder: Folder) -> dict[str, int]:
    """Read its process id and port."""
    return {name: int(value) for name, value in read_object(folder.process).items()}
