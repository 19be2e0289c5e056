"""A state machine starts builds, and with `.sync` waits for their end.

MiniStack has no such integration. A build that has not succeeded fails its task with `States.TaskFailed` and the build
as the cause. Where the execution is stopped, or the task's time is up, Step Functions stops the build if the state
machine's role may, and leaves it running if not.

AWS: Step Functions developer guide, "Call AWS CodeBuild"
(https://docs.aws.amazon.com/step-functions/latest/dg/connect-codebuild.html: parameters and results in PascalCase, and
the permissions), "Integrate services: Run a job (.sync)"
(https://docs.aws.amazon.com/step-functions/latest/dg/connect-to-resource.html: an aborted task is cancelled on a
best-effort basis, not without the permission).
"""

from __future__ import annotations

import contextvars
import json
import threading
from contextvars import ContextVar
from typing import Any, Final

from emulator.shims import codebuild_builds
from emulator.shims._executions import EXECUTION, StoppedError, caused_by, role_may, wait
from emulator.shims._patching import part, service, wrap

START: Final = "arn:aws:states:::codebuild:startBuild"
STOP: Final = "arn:aws:states:::codebuild:stopBuild"
TIMED_OUT: Final = "States.Timeout"
_begun: ContextVar[list[str] | None] = ContextVar("begun", default=None)
"""ARNs of the builds of a task whose time is bounded."""


def apply() -> None:
    """Add the integration."""
    module = service("services.stepfunctions")
    dispatch = part(module, "_SERVICE_DISPATCH")
    dispatch.setdefault(START, _start_build)
    dispatch.setdefault(STOP, lambda _resource, given: _call("_stop_build", given))
    error = part(module, "_ExecutionError")

    def bounded(original: Any, resource: str, given: Any, seconds: float) -> Any:  # noqa: ANN401
        builds: list[str] = []
        token = _begun.set(builds)
        try:
            return original(resource, given, seconds)
        except error as problem:
            if problem.error == TIMED_OUT:
                for arn in builds:
                    _cancel(arn)
            raise
        finally:
            _begun.reset(token)

    wrap(module, "_invoke_resource_with_timeout", bounded)


def _start_build(resource: str, given: dict[str, Any]) -> dict[str, Any]:
    answer = _call("_start_build", given)
    if not resource.endswith(".sync"):
        return answer
    arn, id_ = answer["Build"]["Arn"], answer["Build"]["Id"]
    record = part(service("services.codebuild"), "_builds")[id_]
    begun = _begun.get()
    if begun is not None:
        begun.append(arn)
    try:
        wait(lambda: bool(record["buildComplete"]))
    except StoppedError:
        _cancel(arn)
        raise
    build = {"Build": _pascal(record)}
    if record["buildStatus"] != "SUCCEEDED":
        raise part(service("services.stepfunctions"), "_ExecutionError")(
            "States.TaskFailed", caused_by(build)
        )
    return build


def _cancel(arn: str) -> None:
    execution = EXECUTION.get()
    # A build's own ARN is no resource of a policy: the project's is.
    project = arn.replace(":build/", ":project/").rpartition(":")[0]
    if execution is not None and role_may(execution, "codebuild:StopBuild", project):
        context = contextvars.copy_context()
        threading.Thread(target=context.run, args=(codebuild_builds.end, arn), daemon=True).start()


def _call(handler: str, given: dict[str, Any]) -> dict[str, Any]:
    status, _, body = part(service("services.codebuild"), handler)(_camel(given))
    answer = json.loads(body)
    if status >= 400:  # noqa: PLR2004 - HTTP status
        name = str(answer.get("__type", "CodeBuildException")).rpartition("#")[2]
        raise part(service("services.stepfunctions"), "_ExecutionError")(
            f"CodeBuild.{name}", answer.get("message", "")
        )
    pascal: dict[str, Any] = _pascal(answer)
    return pascal


def _camel(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {name[:1].lower() + name[1:]: _camel(one) for name, one in value.items()}
    return [_camel(one) for one in value] if isinstance(value, list) else value


def _pascal(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {
            # Times are milliseconds here, as the SDK for Java has them.
            name[:1].upper() + name[1:]: one * 1000 if name in {"startTime", "endTime"} else _pascal(one)
            for name, one in value.items()
        }
    return [_pascal(one) for one in value] if isinstance(value, list) else value
