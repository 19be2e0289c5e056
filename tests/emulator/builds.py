"""What the tests of builds share: projects, and conditions that are waited for."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

from emulator.processes import is_alive
from emulator.server import ACCOUNT_ID, Emulator
from emulator.shims._build_commands import marked
from tests.emulator.gaps import name
from tests.guards import GUARD_SECONDS

LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")


def trusted(emulator: Emulator, service: str, *actions: str) -> str:
    """The ARN of a role that `service` assumes and that may do `actions`."""
    iam, role = emulator.client("iam"), name()
    trust = [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]
    arn = iam.create_role(
        RoleName=role, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": trust})
    )["Role"]["Arn"]
    if actions:
        allowed = [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]
        document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
        iam.put_role_policy(RoleName=role, PolicyName="inline", PolicyDocument=document)
    return str(arn)


def project(
    emulator: Emulator,
    *commands: str,
    role: str = "",
    phases: Mapping[str, Any] | None = None,
    **settings: Any,
) -> str:
    """The name of a project whose builds run `commands`, and log into a group of that name."""
    made = name()
    emulator.client("logs").create_log_group(logGroupName=made)
    spec = {"version": "0.2", "phases": phases or {"build": {"commands": list(commands)}}}
    emulator.client("codebuild").create_project(
        name=made,
        source={"type": "NO_SOURCE", "buildspec": json.dumps(spec)},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "none",
            "computeType": "BUILD_GENERAL1_SMALL",
            "environmentVariables": [{"name": "WHO", "value": "project"}],
        },
        serviceRole=role or trusted(emulator, "codebuild.amazonaws.com", *LOGS),
        logsConfig={"cloudWatchLogs": {"status": "ENABLED", "groupName": made}},
        **settings,
    )
    return made


def wait_until(is_so: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + GUARD_SECONDS
    while not is_so():
        assert time.monotonic() < deadline, f"not within {GUARD_SECONDS} s: {what}"
        time.sleep(0.02)


def build_of(emulator: Emulator, id_: str) -> dict[str, Any]:
    """A build as it is now."""
    return dict(emulator.client("codebuild").batch_get_builds(ids=[id_])["builds"][0])


def ended(emulator: Emulator, id_: str) -> dict[str, Any]:
    """A build once it has ended."""
    wait_until(lambda: build_of(emulator, id_)["buildStatus"] != "IN_PROGRESS", f"the end of {id_}")
    return build_of(emulator, id_)


def lines(emulator: Emulator, group: str) -> list[str]:
    """What commands printed into a log group, without what CodeBuild says of itself."""
    found = emulator.client("logs").filter_log_events(logGroupName=group)["events"]
    return [event["message"] for event in found if not event["message"].startswith("[Container]")]


def processes(arn: str) -> list[int]:
    """The processes of a build that are alive."""
    return [pid for pid in marked(arn) if is_alive(pid)]


def arn_of(id_: str) -> str:
    return f"arn:aws:codebuild:us-east-1:{ACCOUNT_ID}:build/{id_}"
