"""Which execution of a state machine the current thread works for, and how it is stopped with all that it began."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, Final

from emulator.shims._happenings import HAPPENED
from emulator.shims._patching import part, service

RUNNING: Final = "RUNNING"
ABORTED: Final = "ABORTED"
Execution = dict[str, Any]

EXECUTION: ContextVar[Execution | None] = ContextVar("execution", default=None)
"""That of the current thread; a child of a Distributed Map has its own."""
AT: Final = "_at"
"""Where a child has come to: the state's name and its input."""


class StoppedError(Exception):
    """Somebody stopped the execution: its thread ends, and no retrier or catcher hears of it."""


def go_on() -> None:
    """Raise where the current thread's execution does not run any more.

    Raises:
        StoppedError: it was stopped.
    """
    execution = EXECUTION.get()
    if execution is not None and execution["status"] != RUNNING:
        raise StoppedError(execution["executionArn"])


def wait(is_so: Callable[[], bool], *, seconds: float | None = None) -> bool:
    """Wait until it is so, and tell whether it is: not where `seconds` pass before.

    Raises:
        StoppedError: the execution was stopped meanwhile.
    """
    execution = EXECUTION.get()

    def wakes() -> bool:
        return is_so() or (execution is not None and execution["status"] != RUNNING)

    with HAPPENED:
        HAPPENED.wait_for(wakes, timeout=seconds)
    go_on()
    return is_so()


def children(execution: Execution) -> Iterator[Execution]:
    """The children of an execution's map runs that are running."""
    module = service("services.stepfunctions")
    runs = {run["mapRunArn"] for run in map_runs(execution)}
    for child in list(part(module, "_executions").values()):
        if child.get("mapRunArn") in runs and child["status"] == RUNNING:
            yield child


def map_runs(execution: Execution) -> list[dict[str, Any]]:
    """The map runs of an execution, the latest last."""
    found = part(service("services.stepfunctions"), "_map_runs").values()
    return [run for run in found if run["executionArn"] == execution["executionArn"]]


def abort(execution: Execution, *, cause: str = "") -> None:
    """End a child that runs, and what it began in turn."""
    stop_date = part(service("core.responses"), "now_iso")()
    with HAPPENED:
        if execution["status"] != RUNNING:
            return
        execution |= {"status": ABORTED, "stopDate": stop_date, "cause": cause}
        HAPPENED.notify_all()
    abort_map_runs(execution)


def abort_map_runs(execution: Execution) -> None:
    """End the map runs of an execution that has ended, with their children."""
    for child in list(children(execution)):
        abort(child)
    stop_date = part(service("core.responses"), "now_iso")()
    for run in map_runs(execution):
        if run["status"] == RUNNING:
            run |= {"status": ABORTED, "stopDate": stop_date}
            if items := run.get("_items"):
                items.count()


def role_may(execution: Execution, action: str, resource: str) -> bool:
    """Tell whether the role of an execution's state machine may do something, by its own policies."""
    machine = part(service("services.stepfunctions"), "_state_machines").get(machine_arn(execution))
    if machine is None:
        return False
    evaluator, roles = service("core.iam_evaluator"), part(service("services.iam"), "_roles")
    account, name = machine["roleArn"].split(":")[4], machine["roleArn"].rpartition("/")[2]
    if name not in roles:
        return False
    context = part(evaluator, "EvalContext")(
        principal_arn=f"arn:aws:sts::{account}:assumed-role/{name}/{execution['name'][:64]}",
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=resource.split(":")[3],
        secure_transport=True,
        service_context={},
        principal_keys={},
    )
    policies = part(evaluator, "_gather_role_policies")(name, account)
    limits = part(evaluator, "_permissions_boundary")(roles, name, account)
    decision = part(evaluator, "evaluate")(context, policies, *limits).decision
    return bool(decision == "Allow")


def machine_arn(execution: Execution) -> str:
    """Of the state machine, also for a child of a Distributed Map, whose own name has the map's label."""
    return str(execution["stateMachineArn"]).partition("/")[0]


def caused_by(answer: Any) -> str:  # noqa: ANN401
    """What an error's cause has of an answer."""
    return json.dumps(answer, separators=(",", ":"))
