"""The emulator's process: MiniStack with shims and refusals applied, on a socket that the parent opened.

`emulator.server.Emulator` starts it (`python -m emulator.serve`). The parent opens the listening socket
and hands it down, so that a free port is known without a race.
"""

import argparse
import asyncio
import importlib
import json
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from emulator import endings, quotas, refusals, shims
from emulator.partitions import in_partitions
from emulator.patches import PatchError
from emulator.responses import WAIT_SECONDS, delayed

PARENT_POLL_SECONDS = 0.5


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until a signal comes or the parent is gone."""
    parser = argparse.ArgumentParser(prog="python -m emulator.serve")
    parser.add_argument("--socket", type=int, required=True, help="descriptor of the listening socket")
    parser.add_argument("--folder", type=Path, required=True, help="working and temporary folder")
    parser.add_argument("--shims", default="", help="names of the shims to apply, comma-separated")
    parser.add_argument("--refusals", default="", help="names of the refusals to apply, comma-separated")
    parser.add_argument("--quotas", default="{}", help="values by quota code, as JSON")
    parser.add_argument("--parent", type=int, default=0, help="stop when this process is gone; 0: never")
    parser.add_argument("--wait", type=float, default=WAIT_SECONDS, help="seconds before a response begins")
    options = parser.parse_args(arguments)

    if options.parent:
        threading.Thread(target=_die_with, args=(options.parent,), daemon=True).start()
    with socket.socket(fileno=os.dup(options.socket)) as listener:
        # MiniStack reads its port when it is imported, and hands it to the Lambda functions.
        os.environ["GATEWAY_PORT"] = str(listener.getsockname()[1])
    os.chdir(options.folder)
    try:
        quotas.override(json.loads(options.quotas))
        shims.apply(_listed(options.shims))
        refusals.apply(_listed(options.refusals))
    except PatchError as error:
        sys.stderr.write(f"emulator: {error}\n")
        return 3

    application = importlib.import_module("ministack.app").app
    serve = importlib.import_module("hypercorn.asyncio").serve
    config = importlib.import_module("hypercorn.config").Config()
    config.bind = [f"fd://{options.socket}"]
    config.keep_alive_timeout = 75
    config.graceful_timeout = 0.5
    logging.getLogger("hypercorn.error").setLevel(logging.WARNING)
    asyncio.run(serve(delayed(in_partitions(application), options.wait), config))
    return 0


def _listed(names: str) -> list[str]:
    return [name for name in names.split(",") if name]


def _die_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_POLL_SECONDS)
    endings.end()
    # The process leads its own group: the Lambda functions that it runs go with it.
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main())
