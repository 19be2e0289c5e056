"""The children of a Distributed Map: how they begin, how a redrive goes on with them, how they are counted."""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass, field
from typing import Any, Final

from emulator.shims._executions import ABORTED, AT, RUNNING, Execution, map_runs
from emulator.shims._patching import part, service

COUNTS: Final = (
    "pending",
    "running",
    "succeeded",
    "failed",
    "timedOut",
    "aborted",
    "total",
    "resultsWritten",
    "failuresNotRedrivable",
    "pendingRedrive",
)
"""What is counted; the first four are states of children."""
FAILED: Final = "FAILED"
SUCCEEDED: Final = "SUCCEEDED"


@dataclass(slots=True, kw_only=True)
class Items:
    """The children of a map run.

    Attributes:
        run: the map run, as it is described.
        inputs: of the children.
        contexts: the context object of each.
        children: by index; None where it has not begun.
        results: of those that succeeded.
    """

    run: dict[str, Any]
    inputs: list[Any]
    contexts: list[Any]
    children: list[Execution | None] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)

    def count(self) -> None:
        """Say in the map run how many are in which state."""
        states = [child["status"] if child else "PENDING" for child in self.children]
        counts = dict.fromkeys(COUNTS, 0) | {name: states.count(name.upper()) for name in COUNTS[:4]}
        counts |= {"aborted": states.count(ABORTED), "total": len(states)}
        self.run |= {"itemCounts": counts, "executionCounts": dict(counts)}

    def left(self) -> list[int]:
        """The indexes of those that have not succeeded."""
        states = [child["status"] if child else "" for child in self.children]
        return [index for index, state in enumerate(states) if state != SUCCEEDED]

    def failed(self) -> int:
        """How many have failed."""
        return sum(child is not None and child["status"] == FAILED for child in self.children)


def begun(state: dict[str, Any], effective: Any, execution: Execution, ctx: dict[str, Any]) -> Items:  # noqa: ANN401
    """Read the items of a map, and begin its map run."""
    module = service("services.stepfunctions")
    if state.get("ItemReader"):
        values = part(module, "_read_map_items")(state["ItemReader"], effective, ctx)
    else:
        values = part(module, "_resolve_path_or_ctx")(state.get("ItemsPath", "$"), effective, ctx)
    values = values if isinstance(values, list) else [values]
    selector = state.get("ItemSelector") or state.get("Parameters")
    contexts = [
        copy.deepcopy(ctx) | {"Map": {"Item": {"Index": i, "Value": v}}} for i, v in enumerate(values)
    ]
    inputs = [
        part(module, "_resolve_params_obj")(selector, effective, context) if selector else value
        for value, context in zip(values, contexts, strict=True)
    ]
    machine = execution["stateMachineArn"]
    label = state.get("Label") or part(module, "new_uuid")()
    run = {
        "mapRunArn": f"{machine.replace(':stateMachine:', ':mapRun:')}/{label}:{part(module, 'new_uuid')()}",
        "executionArn": execution["executionArn"],
        "status": RUNNING,
        "startDate": part(module, "now_iso")(),
        "maxConcurrency": int(state.get("MaxConcurrency") or 0),
        "toleratedFailurePercentage": float(state.get("ToleratedFailurePercentage") or 0),
        "toleratedFailureCount": int(state.get("ToleratedFailureCount") or 0),
        "redriveCount": 0,
        "_stateMachineArn": f"{machine}/{label}",
        "_state": ctx["State"]["Name"],
    }
    items = Items(run=run, inputs=inputs, contexts=contexts)
    items.children = [None] * len(inputs)
    items.results = [None] * len(inputs)
    run["_items"] = items
    items.count()
    part(module, "_map_runs")[run["mapRunArn"]] = run
    return items


def resumed_by(execution: Execution, ctx: dict[str, Any]) -> Items | None:
    """Return the map run that a redrive goes on with."""
    for run in reversed(map_runs(execution)):
        if run.get("_redriven") and run["_state"] == ctx["State"]["Name"]:
            del run["_redriven"]
            run |= {"status": RUNNING, "redriveCount": run["redriveCount"] + 1}
            run |= {"redriveDate": execution["redriveDate"]}
            run.pop("stopDate", None)
            resumed: Items = run["_items"]
            return resumed
    return None


def child_of(
    items: Items, index: int, iterator: dict[str, Any], execution: Execution
) -> tuple[Execution, str, Any]:
    """Return the child of an item, where it begins, and with what."""
    module = service("services.stepfunctions")
    start, given = iterator.get("StartAt", ""), items.inputs[index]
    child = items.children[index]
    if child is not None:
        # It goes on with the state that did not end.
        start, given = child.get(AT, (start, given))
        for name in ("error", "cause"):
            child.pop(name, None)
        child |= {"status": RUNNING, "stopDate": None, "redriveCount": child.get("redriveCount", 0) + 1}
        child |= {"redriveDate": execution["redriveDate"]}
        return child, start, given
    machine = items.run["_stateMachineArn"]
    name = part(module, "new_uuid")()
    child = {
        "executionArn": f"{machine.replace(':stateMachine:', ':execution:')}:{name}",
        "stateMachineArn": machine,
        "name": name,
        "status": RUNNING,
        "startDate": part(module, "now_iso")(),
        "stopDate": None,
        "input": json.dumps(given),
        "inputDetails": {"included": True},
        "output": None,
        "outputDetails": {"included": True},
        "mapRunArn": items.run["mapRunArn"],
        "events": [],
        "testCase": execution.get("testCase"),
        "mockAttempts": {},
    }
    items.children[index] = child
    part(module, "_executions")[child["executionArn"]] = child
    return child, start, given
