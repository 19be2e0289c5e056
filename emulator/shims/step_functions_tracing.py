"""A state machine keeps whether its executions are traced.

MiniStack loses it.

AWS: Step Functions API reference, `CreateStateMachine`, `UpdateStateMachine` and `DescribeStateMachine`
(`tracingConfiguration`): https://docs.aws.amazon.com/step-functions/latest/apireference/API_TracingConfiguration.html
"""

from __future__ import annotations

import json
from typing import Any, Final

from emulator.shims._patching import part, service, wrap

FIELD: Final = "tracingConfiguration"
OK = 200


def apply() -> None:
    """Keep and show it."""
    module = service("services.stepfunctions")
    machines = part(module, "_state_machines")

    def keep(original: Any, data: dict[str, Any]) -> Any:  # noqa: ANN401
        status, headers, body = original(data)
        if status == OK and FIELD in data:
            arn = json.loads(body).get("stateMachineArn") or data["stateMachineArn"]
            machines[arn][FIELD] = data[FIELD]
        return status, headers, body

    def show(original: Any, data: dict[str, Any]) -> Any:  # noqa: ANN401
        status, headers, body = original(data)
        if status == OK:
            shown = json.loads(body)
            # A version's ARN has a number at its end.
            arn = ":".join(shown["stateMachineArn"].split(":")[:7])
            shown[FIELD] = machines.get(arn, {}).get(FIELD, {"enabled": False})
            body = json.dumps(shown).encode()
        return status, headers, body

    wrap(module, "_create_state_machine", keep)
    wrap(module, "_update_state_machine", keep)
    wrap(module, "_describe_state_machine", show)
