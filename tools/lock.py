"""Finish a `pipenv lock`: take every registry's host out of the lock and write `bootstrap.txt`.

pipenv writes the index it resolved against into `_meta.sources` and an `index` key on each package. Both
name the registry (or mirror) of the machine that locked. `pipenv sync` and `pipenv install --deploy` accept
a lock without them and use the machine's own pip configuration.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bundling.requirements import requirements
from config.machine import EXIT_REFUSED, refused

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "Pipfile.lock"
BOOTSTRAP = ROOT / "bootstrap.txt"


def scrubbed(lock: dict[str, Any]) -> dict[str, Any]:
    """Return `lock` (the parsed Pipfile.lock) without any registry's host."""
    meta = {**lock["_meta"], "sources": []}
    return {
        "_meta": meta,
        **{
            category: {
                name: {key: value for key, value in entry.items() if key != "index"}
                for name, entry in packages.items()
            }
            for category, packages in lock.items()
            if category != "_meta"
        },
    }


def main() -> int:
    """Rewrite Pipfile.lock in place and write bootstrap.txt beside it; return the exit code."""
    head = "# Written by `make lock` from the [bootstrap] category of the Pipfile. Do not edit.\n"
    try:
        lock = scrubbed(json.loads(LOCK.read_text()))
        LOCK.write_text(json.dumps(lock, indent=4, sort_keys=True) + "\n")
        BOOTSTRAP.write_text(head + requirements(lock["bootstrap"]))
    except OSError as error:
        print(f"lock: {refused(error)}", file=sys.stderr)
        return EXIT_REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
