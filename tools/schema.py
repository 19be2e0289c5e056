"""Write the registry's JSON Schema to `tenants.schema.json`, where editors find it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from config.machine import EXIT_REFUSED, refused
from config.registry.schema import json_schema

SCHEMA = Path(__file__).resolve().parent.parent / "tenants.schema.json"


def rendered() -> str:
    """Return the schema as the repository has it."""
    return json.dumps(json_schema(), indent=2, sort_keys=True) + "\n"


def main() -> int:
    """Write the file, and return the exit code."""
    try:
        SCHEMA.write_text(rendered())
    except OSError as error:
        print(f"schema: {refused(error)}", file=sys.stderr)
        return EXIT_REFUSED
    return 0


if __name__ == "__main__":
    sys.exit(main())
