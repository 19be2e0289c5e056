"""The command line: `python -m emulator.demo up` and `down`.

All that the demo makes is in `.demo/`. `up` can run twice: it goes on with the emulator that is running.
"""

import argparse
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from emulator.demo.console import say
from emulator.demo.down import STACK_SECONDS, down
from emulator.demo.errors import FAILED, INTERRUPTED, MISSING, OK, DemoError
from emulator.demo.folder import Folder, locked
from emulator.demo.up import up
from emulator.server import EmulatorError
from terraform.errors import TerraformError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run `up` or `down`; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m emulator.demo", description=__doc__)
    parser.add_argument("command", choices=["up", "down"])
    parser.add_argument("stacks", nargs="*", help="stack ids to deploy; all by default")
    parser.add_argument("--folder", type=Path, default=Folder().path, help="default: .demo")
    parser.add_argument(
        "--stack-seconds",
        type=float,
        default=STACK_SECONDS,
        help="down: how long the destruction of one stack may take; default: %(default).0f",
    )
    options = parser.parse_args(arguments)
    folder = Folder(options.folder.resolve())
    # Asked to end in whatever way: Terraform must still write its state.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    again = "`make demo` goes on from here, `make demo-down` removes everything."
    try:
        with locked(folder):
            if options.command == "up":
                up(folder, options.stacks)
            else:
                down(folder, seconds=options.stack_seconds)
    except KeyboardInterrupt:
        say(f"\nInterrupted. {again}")
        return INTERRUPTED
    except (DemoError, EmulatorError, TerraformError) as error:
        say(f"demo: {error}", sys.stderr)
        return error.code if isinstance(error, DemoError) else FAILED
    except OSError as error:
        say(f"demo: {error.filename or 'output'}: {error.strerror or error}", sys.stderr)
        return MISSING
    return OK


if __name__ == "__main__":
    sys.exit(main())
