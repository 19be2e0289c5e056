"""Write the registry's JSON Schema to `tenants.schema.json`, where editors find it."""

from __future__ import annotations

import json
from pathlib import Path

from config.registry.schema import json_schema

SCHEMA = Path(__file__).resolve().parent.parent / "tenants.schema.json"


def rendered() -> str:
    """Return the schema as the repository has it."""
    return json.dumps(json_schema(), indent=2, sort_keys=True) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(rendered())
