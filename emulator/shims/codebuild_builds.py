"""A build of CodeBuild runs the commands of its buildspec.

In MiniStack a build has succeeded before it began. Here the image is not run: the commands are processes of this
machine, with this Python first in `PATH` and the checkout in place of the image's own (`_build_commands`). The rest is
as on AWS: the phases, the variables, the session of the service role, the log, the outcome.

AWS, CodeBuild user guide and API reference:
https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html (phases, `finally`, `env`),
https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details-phases.html (post_build runs after a build
that failed), https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html (variables; those of a
request come before the project's, and these before the buildspec's),
https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html (concurrentBuildLimit: what is above it is
not run), https://docs.aws.amazon.com/codebuild/latest/userguide/limits.html (what is above the account's concurrent
builds waits; five times as many may wait).
"""

from __future__ import annotations

import contextvars
import os
import shutil
import threading
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from emulator.endings import at_end
from emulator.shims._build_commands import MARK, Commands, SpecError, machine, phases, plain
from emulator.shims._build_log import BuildLog, DeniedError
from emulator.shims._build_session import NoSessionError, session
from emulator.shims._happenings import HAPPENED, happened
from emulator.shims._patching import part, service, wrap

ACCOUNT_BUILDS: Final = int(os.environ.get("EMULATOR_CODEBUILD_BUILDS", "60"))
"""Builds that run at once, for small Linux machines."""
QUEUE: Final = 5
"""How many times as many may wait."""
MINUTE_SECONDS: Final = float(os.environ.get("EMULATOR_CODEBUILD_MINUTE_SECONDS", "60"))
STOPPED: Final = "STOPPED"
OVERRIDES: Final = {
    "timeoutInMinutesOverride": "timeoutInMinutes",
    "queuedTimeoutInMinutesOverride": "queuedTimeoutInMinutes",
    "serviceRoleOverride": "serviceRole",
    "logsConfigOverride": "logsConfig",
}


@dataclass(slots=True, kw_only=True)
class _Build:
    record: dict[str, Any]
    project: dict[str, Any]
    commands: Commands | None = None
    ended: str = ""
    running: bool = False
    done: threading.Event = field(default_factory=threading.Event)


_builds: dict[str, _Build] = {}
"""Those that have not ended, by ARN, in the order of their start."""


def apply() -> None:
    """Replace the start and the stop of a build."""
    module = service("services.codebuild")
    wrap(module, "_start_build", _start)
    wrap(module, "_stop_build", _stop)
    wrap(module, "reset", _reset)
    at_end(_end_all)


def end(arn: str) -> threading.Event | None:
    """End a build with all its processes, and return what says that its record says so; None where it has ended."""
    build = _builds.get(arn)
    if build is None:
        return None
    with HAPPENED:
        build.ended = build.ended or STOPPED
        commands = build.commands
        HAPPENED.notify_all()
    if commands:
        commands.stop(STOPPED)
    return build.done


def _end_all() -> None:
    for arn in list(_builds):
        end(arn)


def _start(_original: Any, data: dict[str, Any]) -> Any:  # noqa: ANN401
    module = service("services.codebuild")
    refuse = part(module, "error_response_json")
    project = part(module, "_projects").get(data.get("projectName", ""))
    if project is None:
        return refuse("ResourceNotFoundException", f"Project cannot be found: {data.get('projectName')}", 400)
    project = dict(project) | {name: data[given] for given, name in OVERRIDES.items() if given in data}
    with HAPPENED:
        limit = project.get("concurrentBuildLimit")
        if limit and sum(one.project["name"] == project["name"] for one in _builds.values()) >= limit:
            return refuse(
                "AccountLimitExceededException",
                f"Project-level concurrent build limit cannot exceed {limit} builds",
                400,
            )
        waiting = sum(not one.running for one in _builds.values())
        if waiting >= QUEUE * ACCOUNT_BUILDS:
            message = f"Cannot have more than {QUEUE * ACCOUNT_BUILDS} builds in queue for the account"
            return refuse("AccountLimitExceededException", message, 400)
        record = part(module, "_make_build_record")(
            project, part(module, "_build_id")(project["name"]), data.get("sourceVersion")
        )
        del record["endTime"]
        now = record["startTime"]
        logs = (project.get("logsConfig") or {}).get("cloudWatchLogs") or {}
        environment = dict(project.get("environment") or {})
        environment["environmentVariables"] = _merged(
            environment.get("environmentVariables") or [], data.get("environmentVariablesOverride") or []
        )
        source = dict(project.get("source") or {})
        source["buildspec"] = data.get("buildspecOverride") or source.get("buildspec", "")
        record |= {
            "currentPhase": "QUEUED",
            "buildStatus": "IN_PROGRESS",
            "buildComplete": False,
            "environment": environment,
            "source": source,
            "serviceRole": project["serviceRole"],
            "queuedTimeoutInMinutes": project.get("queuedTimeoutInMinutes", 480),
            "phases": [
                {"phaseType": "SUBMITTED", "phaseStatus": "SUCCEEDED", "startTime": now, "endTime": now},
                {"phaseType": "QUEUED", "startTime": now},
            ],
            "logs": {
                "groupName": logs.get("groupName") or f"/aws/codebuild/{project['name']}",
                "streamName": "/".join(
                    filter(None, [logs.get("streamName"), record["id"].partition(":")[2]])
                ),
                "cloudWatchLogs": dict(logs),
            },
        }
        part(module, "_builds")[record["id"]] = record
        build = _builds[record["arn"]] = _Build(record=record, project=project)
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(_run, build), daemon=True).start()
    return part(module, "json_response")({"build": dict(record)})


def _merged(project: list[dict[str, Any]], request: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = {one["name"] for one in request}
    return [*(one for one in project if one["name"] not in names), *request]


def _stop(_original: Any, data: dict[str, Any]) -> Any:  # noqa: ANN401
    module = service("services.codebuild")
    found = data.get("id", "")
    found = found.rpartition(":build/")[2] if ":build/" in found else found
    record = part(module, "_builds").get(found)
    if record is None:
        return part(module, "error_response_json")(
            "ResourceNotFoundException", f"Build cannot be found: {found}", 400
        )
    if done := end(record["arn"]):
        done.wait()
    return part(module, "json_response")({"build": dict(record)})


def _reset(original: Any) -> Any:  # noqa: ANN401
    _end_all()
    return original()


def _run(build: _Build) -> None:
    folder = Path(os.environ.get("TMPDIR", "/tmp")) / f"build-{uuid.uuid4().hex}"  # noqa: S108 - the server's own folder
    record = build.record
    outcome, reason = "FAULT", "INTERNAL_SERVICE_ERROR"
    try:
        folder.mkdir(parents=True)
        outcome, reason = _turn(build) or _carry_out(build, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with HAPPENED:
            _phase_ends(record, outcome, reason)
            record |= {
                "buildStatus": outcome,
                "buildComplete": True,
                "currentPhase": "COMPLETED",
                "endTime": int(time.time()),
            }
            record["phases"].append({"phaseType": "COMPLETED", "startTime": record["endTime"]})
            _builds.pop(record["arn"], None)
        build.done.set()
        happened()


def _turn(build: _Build) -> tuple[str, str] | None:
    """Wait for the build's turn; the outcome where it has none."""

    def is_next() -> bool:
        running = sum(one.running for one in _builds.values())
        first = next((one for one in _builds.values() if not one.running), None)
        return bool(build.ended) or (running < ACCOUNT_BUILDS and first is build)

    with HAPPENED:
        seconds = build.record["queuedTimeoutInMinutes"] * MINUTE_SECONDS
        if not HAPPENED.wait_for(is_next, timeout=seconds):
            return "TIMED_OUT", "BUILD_TIMED_OUT: Build has timed out."
        if build.ended:
            return build.ended, ""
        build.running = True
        HAPPENED.notify_all()
    return None


def _carry_out(build: _Build, folder: Path) -> tuple[str, str]:
    record, project = build.record, build.project
    _phase(record, "PROVISIONING")
    try:
        keys = session(project["serviceRole"], f"AWSCodeBuild-{record['id'].partition(':')[2]}")
        log = BuildLog.create(record, keys)
        shell, variables, wanted = phases(record["source"]["buildspec"])
    except (DeniedError, NoSessionError) as error:
        return "FAILED", f"ACCESS_DENIED: {error}"
    except SpecError as error:
        return "FAILED", f"YAML_FILE_ERROR: {error}"
    given = plain(record["environment"]["environmentVariables"])
    environment = (
        machine(folder)
        | variables
        | given
        | _variables(record, keys)
        | {"CODEBUILD_SRC_DIR": str(folder / "src")}
    )
    commands = Commands(folder=folder, environment=environment, shell=shell, log=log.line)
    with HAPPENED:
        build.commands = commands
        if build.ended:
            commands.ended = build.ended
    timer = threading.Timer(record["timeoutInMinutes"] * MINUTE_SECONDS, commands.stop, args=("TIMED_OUT",))
    timer.daemon = True
    timer.start()
    outcome, reason = "SUCCEEDED", ""
    try:
        for phase in wanted:
            # Only post_build follows a phase that failed, and only where that was the build itself.
            if commands.ended or (outcome == "FAILED" and phase.name != "post_build"):
                break
            name = phase.name.upper()
            _phase(record, name)
            log.line(f"[Container] Entering phase {name}")
            code = commands.phase(phase)
            commands.succeeding = commands.succeeding and not code
            log.line(f"[Container] Phase complete: {name} State: {'FAILED' if code else 'SUCCEEDED'}")
            if code:
                outcome, reason = "FAILED", f"COMMAND_EXECUTION_ERROR: exit status {code}"
            _phase_ends(record, outcome if code else "SUCCEEDED", reason if code else "")
            if code and phase.name != "build":
                break
    finally:
        timer.cancel()
        # What a command left running ends with its container.
        commands.stop("")
        log.close()
    return (commands.ended, "") if commands.ended else (outcome, reason)


def _variables(record: Mapping[str, Any], keys: Mapping[str, str]) -> dict[str, str]:
    region = record["arn"].split(":")[3]
    return {
        **keys,
        MARK: record["arn"],
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}",
        "AWS_EC2_METADATA_DISABLED": "true",
        "CODEBUILD_BUILD_ID": record["id"],
        "CODEBUILD_BUILD_IMAGE": str(record["environment"].get("image", "")),
        "CODEBUILD_BUILD_NUMBER": str(record["buildNumber"]),
        "CODEBUILD_INITIATOR": record["initiator"],
        "CODEBUILD_LOG_PATH": record["logs"]["streamName"],
        "CODEBUILD_START_TIME": str(record["startTime"] * 1000),
    }


def _phase(record: dict[str, Any], name: str) -> None:
    _phase_ends(record, "SUCCEEDED", "")
    record["currentPhase"] = name
    record["phases"].append({"phaseType": name, "startTime": int(time.time())})


def _phase_ends(record: dict[str, Any], status: str, reason: str) -> None:
    last = record["phases"][-1]
    if "endTime" not in last:
        last |= {"phaseStatus": status, "endTime": int(time.time())}
        if reason:
            code, _, message = reason.partition(": ")
            last["contexts"] = [{"statusCode": code, "message": message}]
