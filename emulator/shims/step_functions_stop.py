"""An execution that is stopped ends: its states, the children of its Distributed Maps, and no later failure shows.

In MiniStack the children run on, and a state that fails afterwards turns the execution from aborted to failed.

AWS: Step Functions API reference, `StopExecution`, and developer guide, "Viewing a Distributed Map Run execution"
(a Map Run is aborted with its parent: https://docs.aws.amazon.com/step-functions/latest/dg/concepts-examine-map-run.html).
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from emulator.shims._executions import AT, EXECUTION, RUNNING, abort_map_runs, go_on, wait
from emulator.shims._happenings import happened
from emulator.shims._patching import Handler, part, service, wrap

OK = 200
STATES = (
    "_execute_choice",
    "_execute_map",
    "_execute_parallel",
    "_execute_pass",
    "_execute_task",
    "_execute_wait",
    "_fail_state_error",
)
"""What carries out a state: its definition and input come first, the context object last."""
_inside: ContextVar[bool] = ContextVar("inside", default=False)
"""Whether the thread is in a branch of a Parallel state, or an iteration of a Map, of the same execution."""


def apply() -> None:
    """Let each thread know its execution, look at it before each state, and end with it."""
    module = service("services.stepfunctions")
    wrap(module, "_run_execution", _run)
    wrap(module, "_run_sub_machine", _sub_machine)
    wrap(module, "_fail_execution", _fail)
    wrap(module, "_stop_execution", _stop)
    wrap(module, "_scaled_sleep", _sleep)
    for name in STATES:
        wrap(module, name, _state)


def _run(original: Any, arn: str) -> Any:  # noqa: ANN401
    token = EXECUTION.set(part(service("services.stepfunctions"), "_executions").get(arn))
    try:
        return original(arn)
    finally:
        EXECUTION.reset(token)
        happened()


def _sub_machine(original: Any, *arguments: Any) -> Any:  # noqa: ANN401
    execution = arguments[3]
    inside = _inside.set(EXECUTION.get() is execution)
    token = EXECUTION.set(execution)
    try:
        return original(*arguments)
    finally:
        EXECUTION.reset(token)
        _inside.reset(inside)


def _state(original: Any, state: Any, given: Any, *arguments: Any) -> Any:  # noqa: ANN401
    go_on()
    execution, ctx = EXECUTION.get(), arguments[-1]
    if execution is not None and not _inside.get():
        execution[AT] = (ctx["State"]["Name"], given)
    return original(state, given, *arguments)


def _fail(original: Handler, execution: dict[str, Any], error: str, cause: str) -> None:
    # A thread that ends because its execution was stopped says so as a failure.
    if execution["status"] == RUNNING:
        original(execution, error, cause)


def _stop(original: Any, data: dict[str, Any]) -> Any:  # noqa: ANN401
    answer = original(data)
    if answer[0] == OK:
        abort_map_runs(part(service("services.stepfunctions"), "_executions")[data["executionArn"]])
        happened()
    return answer


def _sleep(_original: Handler, seconds: float) -> None:
    scale = part(service("services.stepfunctions"), "_SFN_WAIT_SCALE")
    wait(lambda: False, seconds=seconds * scale)
