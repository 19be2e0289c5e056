"""Gaps of the emulator and their shims (`gaps.py`): CodeBuild."""

import subprocess
import sys
import threading
from pathlib import Path
from subprocess import PIPE
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator import server
from emulator.server import Emulator
from emulator.shims._build_commands import IMAGE_FOLDERS, MARK, Commands, Phase, machine
from tests.emulator.builds import LOGS, build_of, ended, lines, processes, project, trusted, wait_until
from tests.emulator.gaps import assert_closed_by_a_shim, assumed, is_allowed, name


def test_a_project_keeps_its_log_its_queue_and_its_limit(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        name = project(emulator, "true", queuedTimeoutInMinutes=30, concurrentBuildLimit=2)
        codebuild = emulator.client("codebuild")
        made = codebuild.batch_get_projects(names=[name])["projects"][0]
        changed = codebuild.update_project(name=name, concurrentBuildLimit=-1)["project"]
        logs = made.get("logsConfig", {}).get("cloudWatchLogs", {}).get("groupName")
        limit = "concurrentBuildLimit"
        return logs == name, made.get("queuedTimeoutInMinutes"), made.get(limit), changed.get(limit)

    assert_closed_by_a_shim(observe, (True, 30, 2, None), shimmed=shimmed, bare=bare)


def test_a_project_is_deleted_by_its_arn(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        codebuild, made = emulator.client("codebuild"), project(emulator, "true")
        arn = codebuild.batch_get_projects(names=[made])["projects"][0]["arn"]
        try:
            codebuild.delete_project(name=arn)
        except ClientError as error:
            return error.response["Error"]["Code"]
        return codebuild.batch_get_projects(names=[made])["projectsNotFound"] == [made]

    assert_closed_by_a_shim(observe, True, shimmed=shimmed, bare=bare)


def test_a_build_runs_its_commands(shimmed: Emulator, bare: Emulator) -> None:
    phases = {
        "pre_build": {"commands": ["export KEPT=kept", "cd .."]},
        "build": {
            "commands": ['echo "$WHO $KEPT"', "exit 3", "echo never"],
            "finally": ["echo $CODEBUILD_BUILD_ID"],
        },
        "post_build": {"commands": ["echo after $CODEBUILD_BUILD_SUCCEEDING", "ls"]},
    }

    def observe(emulator: Emulator) -> object:
        name = project(emulator, phases=phases)
        variable = {"name": "WHO", "value": "request", "type": "PLAINTEXT"}
        started = emulator.client("codebuild").start_build(
            projectName=name, environmentVariablesOverride=[variable]
        )["build"]
        build = ended(emulator, started["id"])
        printed = [line.replace(build["id"], "ID") for line in lines(emulator, name)]
        states = {
            phase["phaseType"]: phase.get("phaseStatus")
            for phase in build["phases"]
            if phase["phaseType"] in {"PRE_BUILD", "BUILD", "POST_BUILD"}
        }
        return build["buildStatus"], printed[:3], "src" in printed, states

    wanted = (
        "FAILED",
        ["request kept", "ID", "after 0"],
        True,
        {"PRE_BUILD": "SUCCEEDED", "BUILD": "FAILED", "POST_BUILD": "SUCCEEDED"},
    )
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed, bare=bare)


def test_a_stopped_build_leaves_no_process(shimmed: Emulator) -> None:
    name = project(shimmed, "setsid sleep 600 & echo began; sleep 600")
    codebuild = shimmed.client("codebuild")
    build = codebuild.start_build(projectName=name)["build"]
    wait_until(lambda: len(processes(build["arn"])) >= 3, "the shell and both that it starts")
    assert codebuild.stop_build(id=build["id"])["build"]["buildStatus"] == "STOPPED"
    assert processes(build["arn"]) == []
    assert codebuild.list_builds_for_project(projectName=name)["ids"] == [build["id"]]
    assert lines(shimmed, name) == ["began"]


def test_a_project_starts_no_more_builds_than_its_limit(shimmed: Emulator) -> None:
    name = project(shimmed, "sleep 600", concurrentBuildLimit=1)
    codebuild = shimmed.client("codebuild")
    first = codebuild.start_build(projectName=name)["build"]
    with pytest.raises(ClientError, match="AccountLimitExceededException"):
        codebuild.start_build(projectName=name)
    codebuild.stop_build(id=first["id"])
    second = codebuild.start_build(projectName=name)["build"]
    codebuild.stop_build(id=second["id"])


def test_a_build_is_a_session_of_its_role(shimmed_with_iam: Emulator) -> None:
    emulator = shimmed_with_iam
    code = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
    name = project(emulator, f'python3 -c "{code}"')
    build = ended(emulator, emulator.client("codebuild").start_build(projectName=name)["build"]["id"])
    role = build["serviceRole"].rpartition("/")[2]
    session = f"assumed-role/{role}/AWSCodeBuild-{build['id'].partition(':')[2]}"
    assert [line.partition(":sts::")[2].partition(":")[2] for line in lines(emulator, name)] == [session]

    for refused in (
        trusted(emulator, "codebuild.amazonaws.com"),
        trusted(emulator, "lambda.amazonaws.com", "logs:*"),
    ):
        name = project(emulator, "true", role=refused)
        build = ended(emulator, emulator.client("codebuild").start_build(projectName=name)["build"]["id"])
        assert build["buildStatus"] == "FAILED"
        reasons = [one["statusCode"] for phase in build["phases"] for one in phase.get("contexts", ())]
        assert reasons == ["ACCESS_DENIED"]


def test_what_is_done_to_a_build_is_checked_on_its_project(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        role = trusted(emulator, "codebuild.amazonaws.com", *LOGS)
        mine = project(emulator, "true", role=role, tags=[{"key": "of", "value": "mine"}])
        other = project(emulator, "true", role=role)
        root = emulator.client("codebuild")
        builds = [root.start_build(projectName=name)["build"]["id"] for name in (mine, other)]
        (found,) = root.batch_get_projects(names=[mine])["projects"]
        on_it = {"Effect": "Allow", "Action": "codebuild:*", "Resource": found["arn"]}
        tagged: dict[str, Any] = {"Effect": "Allow", "Action": "codebuild:StopBuild", "Resource": "*"}
        tagged["Condition"] = {"StringEquals": {"aws:ResourceTag/of": "mine"}}
        by_arn = emulator.client("codebuild", **assumed(emulator, [on_it]))
        by_tag = emulator.client("codebuild", **assumed(emulator, [tagged]))
        return [
            *(is_allowed(by_arn.batch_get_builds, ids=[id_]) for id_ in builds),
            *(is_allowed(by_tag.stop_build, id=id_) for id_ in builds),
            is_allowed(by_arn.delete_project, name=found["arn"]),
        ]

    wanted = [True, False, True, False, True]
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_builds_and_state_machines_get_a_role_from_whoever_may_pass_it(
    shimmed_with_iam: Emulator, bare_with_iam: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        found = []
        settings: dict[str, Any]
        for service, action in (("codebuild", "CreateProject"), ("states", "CreateStateMachine")):
            role = trusted(emulator, f"{service}.amazonaws.com")
            may = {"Effect": "Allow", "Action": f"{service}:{action}", "Resource": "*"}
            passes = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role}
            for statements in ([may], [may, passes]):
                keys = assumed(emulator, statements)
                if service == "codebuild":
                    create = emulator.client("codebuild", **keys).create_project
                    settings = {
                        "source": {"type": "NO_SOURCE", "buildspec": "{}"},
                        "artifacts": {"type": "NO_ARTIFACTS"},
                        "environment": {
                            "type": "LINUX_CONTAINER",
                            "image": "none",
                            "computeType": "BUILD_GENERAL1_SMALL",
                        },
                        "serviceRole": role,
                    }
                else:
                    create = emulator.client("stepfunctions", **keys).create_state_machine
                    settings = {"definition": '{"StartAt": "A", "States": {"A": {"Type": "Succeed"}}}'}
                    settings |= {"roleArn": role}
                found.append(is_allowed(create, name=name(), **settings))
        return found

    assert_closed_by_a_shim(observe, [False, True, False, True], shimmed=shimmed_with_iam, bare=bare_with_iam)


def test_no_build_outlives_the_emulator() -> None:
    with Emulator() as emulator:
        build = endless(emulator)
        assert build_of(emulator, build["id"])["buildStatus"] == "IN_PROGRESS"
    assert processes(build["arn"]) == []


def test_no_build_outlives_an_emulator_whose_parent_was_killed() -> None:
    code = "from emulator.server import Emulator\n"
    code += "print(Emulator().start().endpoint, flush=True); input()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=PIPE, stdout=PIPE, text=True) as parent:
        assert parent.stdout
        emulator = Emulator()
        emulator._port = int(parent.stdout.readline().rpartition(":")[2])
        build = endless(emulator)
        parent.kill()
    wait_until(lambda: not processes(build["arn"]), "the end of the build")


def endless(emulator: Emulator) -> dict[str, Any]:
    """A build that runs until it is ended, with a process in a session of its own."""
    made = project(emulator, "setsid sleep 600 & sleep 600")
    build: dict[str, Any] = emulator.client("codebuild").start_build(projectName=made)["build"]
    wait_until(lambda: len(processes(build["arn"])) >= 3, "the shell and both that it starts")
    return build


@pytest.mark.parametrize("outcome", ["STOPPED", "TIMED_OUT"])
def test_commands_end_where_their_build_does(tmp_path: Path, outcome: str) -> None:
    printed: list[str] = []
    environment = machine(tmp_path) | {MARK: f"arn:{tmp_path}"}
    commands = Commands(folder=tmp_path, environment=environment, shell="sh", log=printed.append)

    def end() -> None:
        wait_until(lambda: "began" in printed, "the command")
        commands.stop(outcome)

    thread = threading.Thread(target=end)
    thread.start()
    assert commands.phase(Phase(name="build", commands=("echo began; sleep 600",), finally_=("echo never",)))
    thread.join()
    assert commands.ended == outcome
    assert "never" not in printed
    assert processes(f"arn:{tmp_path}") == []


def test_a_build_whose_time_is_up_is_timed_out(monkeypatch: pytest.MonkeyPatch) -> None:
    # A minute of CodeBuild as a fraction of a second, in an emulator of its own.
    monkeypatch.setattr(server, "INHERITED", (*server.INHERITED, "EMULATOR_CODEBUILD_MINUTE_SECONDS"))
    monkeypatch.setenv("EMULATOR_CODEBUILD_MINUTE_SECONDS", "0.02")
    with Emulator() as emulator:
        codebuild = emulator.client("codebuild")
        made = project(emulator, "sleep 600", timeoutInMinutes=5)
        build = ended(emulator, codebuild.start_build(projectName=made)["build"]["id"])
        assert build["buildStatus"] == "TIMED_OUT"
        assert processes(build["arn"]) == []


def test_what_is_above_the_accounts_builds_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "INHERITED", (*server.INHERITED, "EMULATOR_CODEBUILD_BUILDS"))
    monkeypatch.setenv("EMULATOR_CODEBUILD_BUILDS", "1")
    with Emulator() as emulator:
        first, codebuild = endless(emulator), emulator.client("codebuild")
        made = project(emulator, "true")
        waiting = [codebuild.start_build(projectName=made)["build"]["id"] for _ in range(5)]
        assert {build_of(emulator, id_)["currentPhase"] for id_ in waiting} == {"QUEUED"}
        with pytest.raises(ClientError, match="AccountLimitExceededException"):
            codebuild.start_build(projectName=made)
        codebuild.stop_build(id=waiting[0])
        codebuild.stop_build(id=first["id"])
        outcomes = [ended(emulator, id_)["buildStatus"] for id_ in waiting]
        assert outcomes == ["STOPPED", *["SUCCEEDED"] * 4]


def test_the_checkout_is_in_place_of_the_images_folder() -> None:
    project = Path("constructs/delivery/worker_project.py").read_text()
    assert [f'PROGRAM: Final = "{folder}"' in project for folder in IMAGE_FOLDERS] == [True]
    assert all((place / "fleet/rollout/worker.py").is_file() for place in IMAGE_FOLDERS.values())
