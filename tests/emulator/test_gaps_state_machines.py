"""Gaps of the emulator and their shims (`gaps.py`): state machines that start builds in a Distributed Map.

Builds wait for files that the tests write, so that each test knows what has begun and what has ended.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.server import Emulator
from tests.emulator.builds import build_of, processes, project, trusted, wait_until
from tests.emulator.gaps import assert_closed_by_a_shim, assumed, is_allowed, name

ITEMS = 6
COMMAND = (
    'cd "{folder}"; touch "began-$ITEM-$CODEBUILD_BUILD_NUMBER"; '
    'while [ ! -e "open-$ITEM" ] && [ ! -e "fail-$ITEM" ]; do sleep 0.05; done; [ -e "open-$ITEM" ]'
)
"""It succeeds once `open-ITEM` is there, and fails once `fail-ITEM` is."""


class Machine:
    """A state machine with a build for each of its items."""

    def __init__(self, emulator: Emulator, folder: Path, *may: str) -> None:
        self.emulator, self.folder, self.states = emulator, folder, emulator.client("stepfunctions")
        self.project = project(emulator, COMMAND.format(folder=folder))
        variable = {"Name": "ITEM", "Type": "PLAINTEXT", "Value.$": "States.Format('{}', $)"}
        build = {
            "Type": "Task",
            "Resource": "arn:aws:states:::codebuild:startBuild.sync",
            "Parameters": {"ProjectName": self.project, "EnvironmentVariablesOverride": [variable]},
            "ResultSelector": {"status.$": "$.Build.BuildStatus"},
            "End": True,
        }
        builds = {
            "Type": "Map",
            "Label": "Builds",
            "ItemsPath": "$.items",
            "MaxConcurrencyPath": "$.concurrency",
            "ToleratedFailureCountPath": "$.tolerated",
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Build",
                "States": {"Build": build},
            },
            "End": True,
        }
        self.arn = self.states.create_state_machine(
            name=name(),
            definition=json.dumps({"StartAt": "Builds", "States": {"Builds": builds}}),
            roleArn=trusted(emulator, "states.amazonaws.com", "codebuild:StartBuild", *may),
        )["stateMachineArn"]

    def start(self, *, tolerated: int) -> str:
        """Start an execution and return its ARN."""
        given = {"items": list(range(ITEMS)), "concurrency": 2, "tolerated": tolerated}
        made = self.states.start_execution(stateMachineArn=self.arn, input=json.dumps(given))
        return str(made["executionArn"])

    def let(self, word: str, *items: int) -> None:
        """Let the builds of `items` end: `open` or `fail`."""
        for item in items:
            (self.folder / f"fail-{item}").unlink(missing_ok=True)
            (self.folder / f"{word}-{item}").touch()

    def began(self, item: int) -> int:
        """How many builds of an item have begun."""
        return len(list(self.folder.glob(f"began-{item}-*")))

    def wait_for(self, *items: int) -> None:
        """Wait until builds of `items` have begun."""
        for item in items:
            wait_until(lambda: self.began(item), f"the build of item {item}")  # noqa: B023 - called here

    def ended(self, arn: str) -> dict[str, Any]:
        """An execution once it has ended."""
        wait_until(lambda: self.states.describe_execution(executionArn=arn)["status"] != "RUNNING", arn)
        return dict(self.states.describe_execution(executionArn=arn))

    def map_run(self, arn: str) -> dict[str, Any]:
        """The map run of an execution."""
        (run,) = self.states.list_map_runs(executionArn=arn)["mapRuns"]
        return dict(self.states.describe_map_run(mapRunArn=run["mapRunArn"]))

    def counts(self, arn: str) -> dict[str, int]:
        """How many children are in which state."""
        counts = self.map_run(arn)["itemCounts"]
        return {state: count for state, count in counts.items() if count and state != "total"}

    def running(self) -> list[str]:
        """The ids of the builds that run."""
        codebuild = self.emulator.client("codebuild")
        ids = codebuild.list_builds_for_project(projectName=self.project)["ids"]
        return [id_ for id_ in ids if build_of(self.emulator, id_)["buildStatus"] == "IN_PROGRESS"]


def arns(machine: Machine, ids: list[str]) -> list[str]:
    return [build_of(machine.emulator, id_)["arn"] for id_ in ids]


def test_a_state_machine_waits_for_its_builds(shimmed: Emulator, bare: Emulator, tmp_path: Path) -> None:
    def observe(emulator: Emulator) -> object:
        folder = tmp_path / name()
        folder.mkdir()
        machine = Machine(emulator, folder)
        machine.let("open", *range(ITEMS - 1))
        machine.let("fail", ITEMS - 1)
        execution = machine.start(tolerated=1)
        ended = machine.ended(execution)
        if ended["status"] != "SUCCEEDED":
            return ended["status"]
        run = machine.map_run(execution)
        (failed,) = machine.states.list_executions(mapRunArn=run["mapRunArn"], statusFilter="FAILED")[
            "executions"
        ]
        child = machine.states.describe_execution(executionArn=failed["executionArn"])
        build = json.loads(child["cause"])["Build"]
        outcome = [child["error"], build["BuildStatus"], build["ProjectName"] == machine.project]
        return json.loads(ended["output"]), run["maxConcurrency"], machine.counts(execution), outcome

    succeeded = [{"status": "SUCCEEDED"}] * (ITEMS - 1)
    wanted = (
        [*succeeded, None],
        2,
        {"succeeded": ITEMS - 1, "failed": 1},
        ["States.TaskFailed", "FAILED", True],
    )
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed, bare=bare)


def test_a_map_stops_with_the_first_failure_that_it_does_not_tolerate_and_is_redriven(
    shimmed: Emulator, bare: Emulator, tmp_path: Path
) -> None:
    machine = Machine(shimmed, tmp_path, "codebuild:StopBuild")
    execution = machine.start(tolerated=0)
    machine.let("open", 0)
    machine.wait_for(0, 1, 2)
    running = arns(machine, machine.running())
    machine.let("fail", 1)
    ended = machine.ended(execution)
    assert (ended["status"], ended["error"]) == ("FAILED", "States.ExceedToleratedFailureThreshold")
    assert machine.counts(execution) == {"succeeded": 1, "failed": 1, "aborted": 1, "pending": 3}
    wait_until(lambda: not any(map(processes, running)), "the end of the build that ran")
    assert ended["redriveStatus"] == "REDRIVABLE"

    machine.let("open", *range(1, ITEMS))
    machine.states.redrive_execution(executionArn=execution)
    ended = machine.ended(execution)
    assert (ended["status"], ended["redriveCount"]) == ("SUCCEEDED", 1)
    assert len(json.loads(ended["output"])) == ITEMS
    assert machine.counts(execution) == {"succeeded": ITEMS}
    assert machine.map_run(execution)["redriveCount"] == 1
    assert [machine.began(item) for item in range(ITEMS)] == [1, 2, 2, 1, 1, 1]
    with pytest.raises(ClientError, match="ExecutionNotRedrivable"):
        machine.states.redrive_execution(executionArn=execution)
    with pytest.raises(ClientError, match="InvalidAction"):
        bare.client("stepfunctions").redrive_execution(executionArn=execution)


@pytest.mark.parametrize("may", [True, False], ids=["with the permission", "without it"])
def test_an_execution_that_is_stopped_stops_its_children_and_builds_if_its_role_may(
    shimmed: Emulator, tmp_path: Path, may: bool
) -> None:
    machine = Machine(shimmed, tmp_path, *(["codebuild:StopBuild"] if may else []))
    execution = machine.start(tolerated=0)
    machine.wait_for(0, 1)
    running = machine.running()
    machine.states.stop_execution(executionArn=execution)
    assert machine.ended(execution)["status"] == "ABORTED"
    assert machine.map_run(execution)["status"] == "ABORTED"
    assert machine.counts(execution) == {"aborted": 2, "pending": 4}
    if may:
        wait_until(lambda: not any(map(processes, arns(machine, running))), "the end of both builds")
    else:
        assert machine.running() == running
    machine.let("open", *range(ITEMS))
    wait_until(lambda: not machine.running(), "the end of the builds")
    outcome = "STOPPED" if may else "SUCCEEDED"
    assert [build_of(shimmed, id_)["buildStatus"] for id_ in running] == [outcome] * 2
    # Nobody begins any more, and nothing fails afterwards.
    assert [machine.began(item) for item in range(ITEMS)] == [1, 1, 0, 0, 0, 0]
    assert machine.ended(execution)["status"] == "ABORTED"


def test_an_execution_that_waits_is_stopped_at_once(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        states = emulator.client("stepfunctions")
        # Without the shim the emulator's own end waits for it.
        seconds = 600 if emulator is shimmed else 2
        child = {"StartAt": "Wait", "States": {"Wait": {"Type": "Wait", "Seconds": seconds, "End": True}}}
        child |= {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
        waits = {"Type": "Map", "ItemProcessor": child, "End": True}
        machine = states.create_state_machine(
            name=name(),
            definition=json.dumps({"StartAt": "Waits", "States": {"Waits": waits}}),
            roleArn=trusted(emulator, "states.amazonaws.com"),
        )["stateMachineArn"]
        execution = states.start_execution(stateMachineArn=machine, input="[1, 2]")["executionArn"]
        wait_until(lambda: states.list_map_runs(executionArn=execution)["mapRuns"], "the map run")
        run = states.list_map_runs(executionArn=execution)["mapRuns"][0]["mapRunArn"]
        wait_until(lambda: len(states.list_executions(mapRunArn=run)["executions"]) == 2, "both children")
        states.stop_execution(executionArn=execution)
        return {child["status"] for child in states.list_executions(mapRunArn=run)["executions"]}

    assert_closed_by_a_shim(observe, {"ABORTED"}, shimmed=shimmed, bare=bare)


def test_limits_are_taken_from_the_input(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        fails = {"Type": "Fail", "Error": "Failed"}
        child = {"StartAt": "Fails", "States": {"Fails": fails}}
        child |= {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
        items = {
            "Type": "Map",
            "ItemsPath": "$.items",
            "MaxConcurrencyPath": "$.concurrency",
            "ToleratedFailurePercentagePath": "$.tolerated",
            "ItemProcessor": child,
            "End": True,
        }
        states = emulator.client("stepfunctions")
        machine = states.create_state_machine(
            name=name(),
            definition=json.dumps({"StartAt": "Items", "States": {"Items": items}}),
            roleArn=trusted(emulator, "states.amazonaws.com"),
        )["stateMachineArn"]
        found = []
        for tolerated in (100, 50):
            given = json.dumps({"items": [1, 2, 3, 4], "concurrency": 1, "tolerated": tolerated})
            execution = states.start_execution(stateMachineArn=machine, input=given)["executionArn"]
            wait_until(
                lambda: states.describe_execution(executionArn=execution)["status"] != "RUNNING",  # noqa: B023
                "its end",
            )
            (run,) = states.list_map_runs(executionArn=execution)["mapRuns"]
            run = states.describe_map_run(mapRunArn=run["mapRunArn"])
            found.append((run["status"], run["maxConcurrency"], run["itemCounts"]["failed"]))
        return found

    assert_closed_by_a_shim(observe, [("SUCCEEDED", 1, 4), ("FAILED", 1, 3)], shimmed=shimmed, bare=bare)


def test_a_path_may_have_a_slice_in_it(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        states = emulator.client("stepfunctions")
        wanted = {"rest.$": "$.waves[1:]", "last.$": "$.waves[-1:].name", "none.$": "$.waves[3:]"}
        passes = {"Type": "Pass", "Parameters": wanted, "End": True}
        machine = states.create_state_machine(
            name=name(),
            definition=json.dumps({"StartAt": "Passes", "States": {"Passes": passes}}),
            roleArn=trusted(emulator, "states.amazonaws.com"),
        )["stateMachineArn"]
        given = json.dumps({"waves": [{"name": "a"}, {"name": "b"}, {"name": "c"}]})
        execution = states.start_execution(stateMachineArn=machine, input=given)["executionArn"]
        wait_until(
            lambda: states.describe_execution(executionArn=execution)["status"] != "RUNNING", "its end"
        )
        return json.loads(states.describe_execution(executionArn=execution)["output"])

    wanted = {"rest": [{"name": "b"}, {"name": "c"}], "last": ["c"], "none": []}
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed, bare=bare)


def test_a_state_machine_keeps_whether_it_is_traced(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        states = emulator.client("stepfunctions")
        arn = states.create_state_machine(
            name=name(),
            definition=json.dumps({"StartAt": "Ends", "States": {"Ends": {"Type": "Succeed"}}}),
            roleArn=trusted(emulator, "states.amazonaws.com"),
            tracingConfiguration={"enabled": True},
        )["stateMachineArn"]
        made = states.describe_state_machine(stateMachineArn=arn).get("tracingConfiguration")
        states.update_state_machine(stateMachineArn=arn, tracingConfiguration={"enabled": False})
        return made, states.describe_state_machine(stateMachineArn=arn).get("tracingConfiguration")

    assert_closed_by_a_shim(observe, ({"enabled": True}, {"enabled": False}), shimmed=shimmed, bare=bare)


def test_requests_on_tags_are_checked_on_the_state_machine(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        root = emulator.client("stepfunctions")
        mine, other = (
            root.create_state_machine(
                name=name(),
                definition=json.dumps({"StartAt": "Ends", "States": {"Ends": {"Type": "Succeed"}}}),
                roleArn=trusted(emulator, "states.amazonaws.com"),
            )["stateMachineArn"]
            for _ in range(2)
        )
        allowed = {"Effect": "Allow", "Action": "states:*", "Resource": mine}
        states = emulator.client("stepfunctions", **assumed(emulator, [allowed]))
        return [
            is_allowed(states.list_tags_for_resource, resourceArn=mine),
            is_allowed(states.list_tags_for_resource, resourceArn=other),
        ]

    assert_closed_by_a_shim(observe, [True, False], shimmed=shimmed_with_iam, bare=bare_with_iam)
