"""A state takes its limits from its input, by a path.

MiniStack ignores `MaxConcurrencyPath`, `ToleratedFailureCountPath`, `ToleratedFailurePercentagePath` and the
`TimeoutSecondsPath` of a task.

AWS: Step Functions developer guide,
https://docs.aws.amazon.com/step-functions/latest/dg/state-map-distributed.html and
https://docs.aws.amazon.com/step-functions/latest/dg/state-task.html.
"""

from __future__ import annotations

import json
from typing import Any, Final

from emulator.shims._patching import part, service, wrap

FIELDS: Final = (
    "MaxConcurrency",
    "TimeoutSeconds",
    "ToleratedFailureCount",
    "ToleratedFailurePercentage",
)


def apply() -> None:
    """Put the values in place of the paths."""
    module = service("services.stepfunctions")

    def resolved(original: Any, state: dict[str, Any], given: Any, execution: Any, ctx: Any) -> Any:  # noqa: ANN401
        effective = part(module, "_apply_input_path")(state, given, ctx)
        values = {}
        for name in FIELDS:
            if path := state.get(f"{name}Path"):
                value = part(module, "_resolve_path_or_ctx")(path, effective, ctx)
                if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                    raise part(module, "_ExecutionError")(
                        "States.Runtime",
                        f"{name}Path {path}: expected a number of 0 or more, received {json.dumps(value)}",
                    )
                values[name] = value
        return original(state | values, given, execution, ctx)

    wrap(module, "_execute_task", resolved)
    wrap(module, "_run_map_items", resolved)
