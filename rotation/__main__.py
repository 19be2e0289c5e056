"""Gives one Fargate tenant a new password for the shared database, now, and replaces its tasks.

    python -m rotation TENANT [--end-sessions]

The environment is that of the variables which synthesis reads. Exit code 0 where the password is new and tasks that
have it are starting, 1 where a step failed, 2 where nothing was tried.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from config.loading import load
from config.problems import Refusal
from rotation.rotate import clients, rotate, rotation_of

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: Sequence[str] | None = None) -> int:
    """Rotate the password that `arguments` name; return the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m rotation", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    parser.add_argument("tenant", metavar="TENANT", help="id of a Fargate tenant of the registry")
    parser.add_argument(
        "--end-sessions", action="store_true", help="end the sessions that the old password opened, too"
    )
    options = parser.parse_args(arguments)
    try:
        settings, registry = load(os.environ, root=ROOT)
        rotation = rotation_of(options.tenant, settings, registry)
        deployment = rotate(rotation, clients(settings.region), end_sessions=options.end_sessions)
    except Refusal as refusal:
        print(f"rotation: {refusal}", file=sys.stderr)
        return refusal.exit_code
    print(
        f"{rotation.tenant}: the old password opens no session any more; {rotation.service} replaces its tasks "
        f"({deployment}).\nWait for it: aws ecs wait services-stable --cluster {rotation.cluster} --services "
        f"{rotation.service}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
