"""Rollouts by the environment's own state machine: the stack deployed by Terraform, builds that run real workers.

A stack fails, or waits, as long as a file is not there.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from deployer.delivery import ROWS
from deployer.place import Place
from emulator.deployer_role import ROLE
from emulator.server import ACCOUNT_ID, REGION
from emulator.shims.authorization_record import RECORD
from fleet.__main__ import main
from fleet.release.manifest import Watching
from fleet.release.store import Release
from fleet.rollout.records import Record
from fleet.rollout_settings import NotObserved
from tests.deployment.authorizations import asked, differences
from tests.emulator.builds import wait_until
from tests.fleet.deliveries import DELIVERY, Fleet, delivery, key, killed, stack, states
from tests.fleet.rollouts import text_stack
from tests.fleet.watched import make_alarm, set_alarm, write_requests

pytestmark = pytest.mark.deployment

TENANTS: Final = tuple(f"t{number:02}" for number in range(20))
WAVES: Final = (TENANTS[:1], TENANTS[1:3], TENANTS[3:10], TENANTS[10:])
TOLERATED: Final = {2: 1, 3: 1}
"""Of the wave of seven and of that of ten."""
ALONE, FIRST, SECOND = TENANTS[5], TENANTS[10], TENANTS[11]
"""Who fails: one in its wave, and two in another."""
BESIDE: Final = TENANTS[12:15]
"""Who runs while the second one fails, with four at once: one begins when the first one has failed."""
UNASKED_BY_REASON: Final = {
    "the local AWS pulls no image": (
        "ecr:BatchCheckLayerAvailability ecr:BatchGetImage ecr:GetAuthorizationToken ecr:GetDownloadUrlForLayer"
    ),
    "Terraform changes it in place when an input of it changes, and here none does": (
        "codebuild:UpdateProject states:UpdateStateMachine"
    ),
    "AWS asks it with the creation of what has tags, and Terraform where a tag changes; the emulator asks neither": (
        "states:TagResource states:UntagResource"
    ),
    "a retirement asks it, once a stack is gone": "dynamodb:DeleteItem",
}
LISTED: Final = "s3:ListBucket"
"""Terraform lists the bucket of states beyond the keys that the policy admits, and goes on where it may not."""
UNASKED: Final = {
    action: reason for reason, actions in UNASKED_BY_REASON.items() for action in actions.split()
}


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    with delivery(tmp_path_factory.mktemp("delivery")) as running:
        yield running


def until(path: Path) -> str:
    """A command that ends when there is a file at `path`."""
    return f"until test -e '{path}'; do sleep 0.1; done"


def twenty(fleet: Fleet, folder: Path) -> Release:
    """A release of 20 stacks in 4 waves, of which three fail until `repaired` is there.

    The second failure of the last wave waits until everybody has begun who may, and these wait for `go`: who is where
    in the end depends on nobody's speed.
    """
    repaired = f"test -e '{folder / 'repaired'}'"
    commands = {
        ALONE: repaired,
        FIRST: repaired,
        SECOND: f"{until(folder / BESIDE[-1])}; {repaired}",
        **{one: f"touch '{folder / one}'; {until(folder / 'go')}" for one in BESIDE},
    }
    stacks = {
        one: text_stack(one, **({"command": commands[one]} if one in commands else {})) for one in TENANTS
    }
    return fleet.release(stacks, *(" ".join(wave) for wave in WAVES), tolerated=TOLERATED)


def in_background(fleet: Fleet, command: str, release: Release) -> tuple[threading.Thread, list[int]]:
    """Start a command, and return what runs it and, once it has ended, its exit code."""
    codes: list[int] = []
    started = threading.Thread(target=lambda: codes.append(fleet.run(command, release)))
    started.start()
    return started, codes


def test_twenty_tenants_in_four_waves(
    fleet: Fleet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One fails and is tolerated, in the last wave one more is not; all are contained, tried again, and finish."""
    release = twenty(fleet, tmp_path)

    def exhausted() -> bool:
        item = fleet.table.item("rollout", release.digest)
        return bool(item and item.get("tolerated") == {"N": "-1"})

    started, codes = in_background(fleet, "start", release)
    try:
        wait_until(exhausted, "the failure that is not tolerated")
    finally:
        (tmp_path / "go").touch()
        started.join()
    halted = json.loads(capsys.readouterr().out)
    assert (codes, halted["ended"]) == ([1], "halted")
    assert states(halted) == {
        one: "failed" if one in {ALONE, FIRST, SECOND} else "waiting" if one in TENANTS[15:] else "succeeded"
        for one in TENANTS
    }
    (group,) = halted["failures"]
    assert group["reasons"] == ["local-exec provisioner error, terraform_data.text"]
    assert group["step"] == "apply"
    assert group["stacks"] == [stack(one) for one in (ALONE, FIRST, SECOND)]
    assert not set(TENANTS[15:]) & fleet.texts().keys()
    assert fleet.builds() == 15

    # Nobody is started again where nobody repaired anything.
    assert fleet.run("start", release) == 1
    assert json.loads(capsys.readouterr().out) == halted
    assert fleet.builds() == 15

    serials = fleet.serials()
    (tmp_path / "repaired").touch()
    assert fleet.run("retry", release) == 0
    finished = json.loads(capsys.readouterr().out)
    assert (finished["ended"], finished["counts"]) == ("finished", {"succeeded": 20})
    assert {one: text for one, text in fleet.texts().items() if one in TENANTS} == {
        one: one for one in TENANTS
    }
    # The others are untouched.
    others = set(TENANTS[:15]) - {ALONE, FIRST, SECOND}
    assert {one: fleet.serials()[one] for one in others} == {one: serials[one] for one in others}
    assert fleet.builds() == 23

    assert fleet.run("start", release) == 0
    assert json.loads(capsys.readouterr().out) == finished
    assert fleet.run("status", release) == 0
    assert fleet.builds() == 23


POINTS: Final = {
    "kinit": ("init 1", "init"),
    "kplan": ("plan 1", "plan"),
    "kguard": ("show 1", "guard"),
    "kapply": ("apply 1", "apply"),
    "kcheck": ("plan 2", "check"),
}
"""By tenant, the command before which its build is killed, and the step that its record says."""
MIDDLE: Final = "kmiddle"
"""Whose build is killed in the middle of an apply."""


def test_builds_that_are_killed_leave_nothing_half_applied(
    fleet: Fleet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As by the end of their machines: worker, Terraform, and what it started."""
    began = tmp_path / "began"
    waits = (
        f"echo \"$CODEBUILD_BUILD_ARN\" > '{began}.new'; mv '{began}.new' '{began}'; {until(tmp_path / 'go')}"
    )
    names: Sequence[str] = (*POINTS, MIDDLE)
    stacks = {one: text_stack(one) for one in POINTS} | {MIDDLE: text_stack(MIDDLE, command=waits)}
    release = fleet.release(stacks, " ".join(names), tolerated={0: len(names)})
    for one, (command, _) in POINTS.items():
        fleet.hold(one, command)
    started, codes = in_background(fleet, "start", release)
    try:
        for one in POINTS:
            fleet.kill(one)
        wait_until(began.exists, "the apply")
        killed(began.read_text().strip())
    finally:
        (tmp_path / "go").touch()
        started.join()
    said = json.loads(capsys.readouterr().out)
    assert (codes, said["ended"], said["counts"]) == ([1], "finished", {"failed": len(names)})
    error = "its build ended without a record; the log group /aws/codebuild/delivery-worker-test says why"
    steps = {one: step for one, (_, step) in POINTS.items()} | {MIDDLE: "apply"}
    assert {one: (fleet.record(one).step, fleet.record(one).error) for one in names} == {
        one: (step, error) for one, step in steps.items()
    }
    # What had been applied whole is there whole, and nothing else is.
    assert {one: text for one, text in fleet.texts().items() if one in names} == {"kcheck": "kcheck"}
    # Nobody unlocks by itself what Terraform held when its machine ended.
    assert {one for one in fleet.objects() if one.endswith(".tflock")} == {f"{key(MIDDLE)}.tflock"}
    fleet.unlock(MIDDLE)

    assert fleet.run("retry", release) == 0
    assert json.loads(capsys.readouterr().out)["counts"] == {"succeeded": len(names)}
    assert {one: text for one, text in fleet.texts().items() if one in names} == {one: one for one in names}
    assert not [one for one in fleet.objects() if one.endswith(".tflock")]
    assert {fleet.record(one).attempts for one in names} == {2}


def test_a_retirement_finds_the_records_of_the_delivery(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    release = fleet.release({"acme": text_stack("left")}, "acme")
    record = Record(
        stack=stack("acme"),
        release=release.digest,
        content="",
        outcome="succeeded",
        attempts=1,
        started_at="",
    )
    fleet.table.write(record)
    people = (
        "--requested-by=ann@example.com",
        "--approved-by=ben@example.com",
        "--reason=Its contract has ended.",
    )
    options = ("--no-export=It has no data.", f"--releases={fleet.rollouts.path / 'releases'}", "--dry-run")
    assert main(["retire", "acme", *people, *options, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["release"] == release.digest


def watched(fleet: Fleet, first: str, second: str, *, not_observed: NotObserved, **command: str) -> Release:
    """A release of two waves, of which the first has an alarm, called as its tenant."""
    make_alarm(fleet.emulator, first)
    return fleet.release(
        {first: text_stack(first, **command), second: text_stack(second)},
        first,
        second,
        bake_minutes=0.05,
        alarms={stack(first): [first]},
        watching=Watching(minimum_requests=6, not_observed=not_observed),
    )


def test_a_wave_that_was_not_observed_waits_for_a_person(
    fleet: Fleet, capsys: pytest.CaptureFixture[str]
) -> None:
    release = watched(fleet, "quiet", "after-quiet", not_observed="wait")
    assert fleet.run("start", release) == 1
    paused = json.loads(capsys.readouterr().out)
    assert (paused["ended"], paused["asked"]) == ("paused", "pause")
    assert states(paused) == {"quiet": "succeeded", "after-quiet": "waiting"}
    verdict = paused["waves"][0]["health"]
    reasons = [f"{stack('quiet')}: 0 requests, 6 are needed"]
    assert (verdict["health"], verdict["reasons"]) == ("not observed", reasons)
    assert fleet.run("resume", release) == 0
    finished = json.loads(capsys.readouterr().out)
    assert finished["counts"] == {"succeeded": 2}
    assert finished["waves"][0]["health"] == verdict


def test_an_alarm_fails_the_execution_and_a_retry_looks_again(
    fleet: Fleet, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = f"touch '{tmp_path / 'began'}'; {until(tmp_path / 'go')}"
    release = watched(fleet, "ill", "after-ill", not_observed="continue", command=command)
    write_requests(fleet.emulator, "ill", 6)
    started, codes = in_background(fleet, "start", release)
    try:
        wait_until((tmp_path / "began").exists, "the apply")
        set_alarm(fleet.emulator, "ill", "ALARM")
    finally:
        (tmp_path / "go").touch()
        started.join()
    halted = json.loads(capsys.readouterr().out)
    assert (codes, halted["ended"]) == ([1], "halted")
    assert states(halted) == {"ill": "succeeded", "after-ill": "waiting"}
    (reason,) = halted["waves"][0]["health"]["reasons"]
    assert reason.startswith(f"{stack('ill')}: alarm ill is on since 2")
    failed = fleet.executions("FAILED")[0]
    assert (failed["error"], failed["cause"][:8]) == ("Unhealthy", "An alarm")

    set_alarm(fleet.emulator, "ill", "OK")
    assert fleet.run("start", release) == 1
    assert json.loads(capsys.readouterr().out) == halted
    assert fleet.run("retry", release) == 0
    finished = json.loads(capsys.readouterr().out)
    assert finished["counts"] == {"succeeded": 2}
    assert finished["waves"][0]["health"]["health"] == "healthy"


@pytest.mark.parametrize("asks", ["pause", "abort"])
def test_who_runs_finishes_and_nobody_else_begins_until_it_goes_on(
    fleet: Fleet,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    asks: str,
) -> None:
    first, second = {"pause": ("e", "f"), "abort": ("h", "i")}[asks]
    goes_on_with, wrong = {"pause": ("resume", "start"), "abort": ("start", "resume")}[asks]
    began, goes_on = tmp_path / "began", tmp_path / "goes-on"
    wait = f"touch '{began}'; while [ ! -e '{goes_on}' ]; do sleep 0.1; done"
    stacks = {first: text_stack("two", command=wait), second: text_stack("two")}
    release = fleet.release(stacks, first, second)
    codes: list[int] = []
    started = threading.Thread(target=lambda: codes.append(fleet.run("start", release)))
    started.start()
    try:
        wait_until(began.exists, "the apply of the first stack")
        assert fleet.run(asks, release) == 0
    finally:
        goes_on.touch()
        started.join()
    assert codes == [1]
    assert second not in fleet.texts()
    capsys.readouterr()
    assert fleet.run("status", release) == 0
    assert states(json.loads(capsys.readouterr().out)) == {first: "succeeded", second: "waiting"}
    assert fleet.run(wrong, release) == 2, "what was paused is resumed, what was aborted is started"
    assert fleet.run(goes_on_with, release) == 0
    assert {first: "two", second: "two"}.items() <= fleet.texts().items()


def test_each_right_of_the_delivery_is_needed_and_none_is_missing(fleet: Fleet) -> None:
    """The last one: it destroys the delivery."""
    release = fleet.release({"g": text_stack("three", command="false")}, "g")
    assert fleet.run("start", release) == 1
    fleet.deployed.destroy(DELIVERY)
    place = Place(account=ACCOUNT_ID, region=REGION, suffix="test")
    given = {action for row in ROWS.values() for right in row(place) for action in right.actions}
    record = fleet.emulator.log_file.parent / RECORD
    requested, denied = asked(record, sessions=f"arn:aws:sts::{ACCOUNT_ID}:assumed-role/{ROLE}/")
    assert differences(given, requested & given, denied - {LISTED}, UNASKED) == []
