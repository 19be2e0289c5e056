"""ECS services keep their Availability Zone rebalancing setting.

MiniStack drops it, so that each plan sees it missing.

AWS: API reference, ECS, `CreateService` ("availabilityZoneRebalancing: For create service requests, when no
value is specified ... Amazon ECS defaults the value to ENABLED"), `UpdateService` ("defaults to the existing
service's value") and the `Service` data type.
"""

import json
from typing import Any

from emulator.shims._patching import part, service, wrap_action

FIELD = "availabilityZoneRebalancing"


def apply() -> None:
    """Keep the setting at creation and change."""
    ecs = service("services.ecs")
    services = part(ecs, "_services")

    def keep(original: Any, request: dict[str, Any]) -> Any:  # noqa: ANN401
        status, headers, body = original(request)
        answer = json.loads(body)
        shown = answer.get("service", {})
        for record in services.values():
            if record["serviceArn"] == shown.get("serviceArn"):
                record[FIELD] = shown[FIELD] = request.get(FIELD) or record.get(FIELD) or "ENABLED"
                body = json.dumps(answer).encode()
        return status, headers, body

    wrap_action(ecs, "_ACTION_MAP", "CreateService", keep)
    wrap_action(ecs, "_ACTION_MAP", "UpdateService", keep)
