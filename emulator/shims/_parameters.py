"""What a request says: a parameter of the query protocol, the fields of a JSON body."""

import json
from typing import Any


def one(parameters: Any, field: str) -> str:  # noqa: ANN401
    """The first value of a parameter; empty where there is none."""
    value = parameters.get(field, "")
    return str(value[0] if isinstance(value, list) and value else value or "")


def fields_of(body: bytes) -> dict[str, Any]:
    """The fields of a JSON object; none where the body is anything else."""
    try:
        found = json.loads(body or b"{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
