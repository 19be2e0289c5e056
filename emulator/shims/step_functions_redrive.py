"""An execution that failed or was stopped goes on where it ended: `RedriveExecution`.

MiniStack has no such action, and says nothing of it in `DescribeExecution`. What `Assign` kept is gone here, and a
Parallel state runs all its branches again.

AWS: Step Functions developer guide,
https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html (Standard workflows that have failed, timed
out or been aborted, for 14 days, with the definition and input of the first attempt; the state that did not end runs
again, and its retriers count anew), https://docs.aws.amazon.com/step-functions/latest/dg/redrive-map-run.html (a Map
Run that did not succeed goes on with the children that did not), and API reference, `RedriveExecution`
(`ExecutionNotRedrivable`) and `DescribeExecution` (`redriveStatus`).
"""

from __future__ import annotations

import contextvars
import datetime as dt
import json
import threading
from typing import Any, Final

from emulator.shims._executions import ABORTED, AT, EXECUTION, RUNNING, Execution, map_runs
from emulator.shims._parameters import fields_of
from emulator.shims._patching import part, service, wrap

ACTION: Final = "RedriveExecution"
DAYS: Final = 14
MOST: Final = 1000
SUCCEEDED: Final = "SUCCEEDED"


def apply() -> None:
    """Add the action, and what is described of it."""
    module = service("services.stepfunctions")

    async def handle(original: Any, *request: Any) -> Any:  # noqa: ANN401
        _, _, headers, body, _ = request
        if headers.get("x-amz-target", "").endswith(f".{ACTION}"):
            return part(module, "_finalize_response")(_redrive(fields_of(body)))
        return await original(*request)

    def start(original: Any, data: dict[str, Any]) -> Any:  # noqa: ANN401
        status, headers, body = original(data)
        if status == 200:  # noqa: PLR2004 - HTTP status
            execution = part(module, "_executions")[json.loads(body)["executionArn"]]
            machine = part(module, "_state_machines")[execution["stateMachineArn"]]
            if machine.get("type") != "EXPRESS":
                # A redrive knows what the execution began with, whatever the state machine is by then.
                execution["_definition"] = machine["definition"]
        return status, headers, body

    def describe(original: Any, data: dict[str, Any]) -> Any:  # noqa: ANN401
        status, headers, body = original(data)
        if status == 200:  # noqa: PLR2004 - HTTP status
            execution = part(module, "_executions")[data["executionArn"]]
            reason = _reason_against(execution)
            state = "NOT_REDRIVABLE" if reason else "REDRIVABLE"
            if execution.get("mapRunArn") and execution["status"] not in {RUNNING, SUCCEEDED}:
                state = "REDRIVABLE_BY_MAP_RUN"
            more = {"redriveCount": execution.get("redriveCount", 0), "redriveStatus": state}
            more |= {"redriveDate": execution["redriveDate"]} if execution.get("redriveDate") else {}
            more |= {"redriveStatusReason": reason} if reason else {}
            body = json.dumps(json.loads(body) | more).encode()
        return status, headers, body

    wrap(module, "_start_execution", start)
    wrap(module, "_describe_execution", describe)
    wrap(module, "handle_request", handle)


def _reason_against(execution: Execution) -> str:
    """Return why an execution cannot be redriven; empty where it can."""
    if execution.get("mapRunArn"):
        return "Execution is a child of a Map Run and is redriven with it"
    if execution["status"] in {RUNNING, SUCCEEDED}:
        return f"Execution is {execution['status']} and cannot be redriven"
    if execution.get("redriveCount", 0) >= MOST:
        return f"Execution has been redriven {MOST} times"
    ended = dt.datetime.fromisoformat(execution["stopDate"].replace("Z", "+00:00"))
    if dt.datetime.now(dt.UTC) - ended > dt.timedelta(days=DAYS):
        return "Execution has exceeded its redrivable period"
    if "_definition" not in execution:
        return "Execution is of an Express workflow"
    return ""


def _redrive(data: dict[str, Any]) -> Any:  # noqa: ANN401
    module = service("services.stepfunctions")
    arn, token = data.get("executionArn", ""), data.get("clientToken")
    execution = part(module, "_executions").get(arn)
    if execution is None:
        return part(module, "error_response_json")(
            "ExecutionDoesNotExist", f"Execution Does Not Exist: '{arn}'", 400
        )
    if token is None or token != execution.get("_redrive_token"):
        if reason := _reason_against(execution):
            return part(module, "error_response_json")("ExecutionNotRedrivable", reason, 400)
        _begin(execution, token)
    return part(module, "json_response")({"redriveDate": execution["redriveDate"]})


def _begin(execution: Execution, token: str | None) -> None:
    module = service("services.stepfunctions")
    execution |= {
        "status": RUNNING,
        "stopDate": None,
        "output": None,
        "redriveCount": execution.get("redriveCount", 0) + 1,
        "redriveDate": part(module, "now_iso")(),
        "_redrive_token": token,
    }
    for name in ("error", "cause"):
        execution.pop(name, None)
    for run in map_runs(execution):
        if run["status"] in {ABORTED, "FAILED"}:
            run["_redriven"] = True
    add = part(module, "_add_event")
    details = {"redriveCount": execution["redriveCount"]}
    add(execution, "ExecutionRedriven", {"executionRedrivenEventDetails": details})
    part(module, "_emit_execution_status_event")(execution)
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_go_on, execution), daemon=True).start()


def _go_on(execution: Execution) -> None:
    """Run what is left of an execution, from the state that it entered last."""
    module = service("services.stepfunctions")
    machine = part(module, "_state_machines")[execution["stateMachineArn"]]
    definition = json.loads(execution["_definition"])
    start, given = execution.get(AT, (definition["StartAt"], json.loads(execution["input"])))
    context = {
        "QueryLanguage": definition.get("QueryLanguage", "JSONPath"),
        "Execution": {
            "Id": execution["executionArn"],
            "Input": json.loads(execution["input"]),
            "Name": execution["name"],
            "RedriveCount": execution["redriveCount"],
            "RedriveTime": execution["redriveDate"],
            "StartTime": execution["startDate"],
        },
        "StateMachine": {"Id": execution["stateMachineArn"], "Name": machine["name"]},
        "variables": {},
    }
    EXECUTION.set(None)
    try:
        result = part(module, "_run_sub_machine")(definition["States"], start, given, execution, context)
    except part(module, "_ExecutionError") as problem:
        part(module, "_fail_execution")(execution, problem.error, problem.cause)
    except Exception as problem:  # noqa: BLE001 - as MiniStack's own: whatever it is, the execution failed
        part(module, "_fail_execution")(execution, "States.Runtime", str(problem))
    else:
        if execution["status"] == RUNNING:
            output = json.dumps(result)
            execution |= {"status": SUCCEEDED, "output": output, "stopDate": part(module, "now_iso")()}
            details = {"output": output}
            part(module, "_add_event")(
                execution, "ExecutionSucceeded", {"executionSucceededEventDetails": details}
            )
            part(module, "_emit_execution_status_event")(execution)
