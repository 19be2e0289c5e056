"""`events:source` and `events:detail-type` carry what a PutEvents request names.

MiniStack never sets them, so that a permission with such a condition allows nothing.

AWS: EventBridge user guide, "Using IAM policy conditions in Amazon EventBridge"; Service authorization
reference, Amazon EventBridge. A request whose entries differ is refused here by a condition on one value:
stricter than AWS may be, never wider.
"""

import json
from typing import Any

from emulator.shims._patching import service, wrap

KEYS = {"events:source": "Source", "events:detail-type": "DetailType"}


def apply() -> None:
    """Add the keys to the request's context."""
    wrap(service("core.iam_actions"), "request_tag_context", _context)


def _context(original: Any, service_name: str, action: str, body: bytes, parameters: Any) -> dict[str, Any]:  # noqa: ANN401
    context: dict[str, Any] = original(service_name, action, body, parameters)
    if action != "events:PutEvents":
        return context
    try:
        entries = json.loads(body or b"{}").get("Entries", [])
    except ValueError:
        return context
    for key, field in KEYS.items():
        named = sorted({str(entry.get(field, "")) for entry in entries})
        context[key] = named[0] if len(named) == 1 else named
    return context
