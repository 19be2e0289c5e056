"""The worker: what it does to a stack, what it refuses, and what is left of it when it is killed."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from config.problems import ConfigurationError
from emulator.processes import is_alive
from fleet.__main__ import main
from fleet.rollout.asking import ask
from fleet.rollout.errors import reason
from fleet.rollout.worker import described, work
from tests.fleet.rollouts import Rollouts, text_stack
from tests.guards import GUARD_SECONDS

pytestmark = pytest.mark.deployment


@pytest.fixture
def rollouts(tmp_path: Path) -> Rollouts:
    return Rollouts(path=tmp_path)


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + GUARD_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def test_a_stack_gets_its_release_and_a_record(rollouts: Rollouts) -> None:
    release = rollouts.release({"a": text_stack("one")})
    record = rollouts.work(release, "a")
    assert (record.outcome, record.step, record.attempts, dict(record.changes)) == (
        "succeeded",
        "done",
        1,
        {"create": 1},
    )
    assert rollouts.texts("a") == ["one"]
    assert rollouts.folder.record("a") == record
    assert [event["event"] for event in rollouts.events()] == ["started", "succeeded"]
    assert not rollouts.folder.work("a").exists()


def test_who_has_the_release_is_left_alone(rollouts: Rollouts) -> None:
    release = rollouts.release({"a": text_stack("one")})
    first = rollouts.work(release, "a")
    assert rollouts.work(release, "a") == first
    assert len(rollouts.events()) == 2


def test_an_earlier_release_is_deployed_again_after_a_later_one(rollouts: Rollouts) -> None:
    earlier, later = (rollouts.release({"a": text_stack(text)}) for text in ("one", "two"))
    for release, text in ((earlier, "one"), (later, "two"), (earlier, "one")):
        assert rollouts.work(release, "a").outcome == "succeeded"
        assert rollouts.texts("a") == [text]


def test_where_nothing_changes_nothing_is_applied(rollouts: Rollouts) -> None:
    first = rollouts.release({"a": text_stack("one")})
    rollouts.work(first, "a")
    serial = rollouts.state("a")["serial"]
    second = rollouts.release({"a": text_stack("one"), "b": text_stack("one")})
    record = rollouts.work(second, "a")
    assert (record.outcome, dict(record.changes), record.plan) == ("succeeded", {}, "")
    assert rollouts.state("a")["serial"] == serial
    assert described(record) == "a: succeeded: nothing to change"


def test_a_failure_is_recorded_without_what_terraform_printed(rollouts: Rollouts) -> None:
    release = rollouts.release({"a": text_stack("hunter2", command="echo hunter2 >&2; exit 3")})
    record = rollouts.work(release, "a")
    assert (record.outcome, record.step, record.error) == (
        "failed",
        "apply",
        "local-exec provisioner error, terraform_data.text",
    )
    kept = [path for path in rollouts.folder.path.rglob("*") if path.is_file()]
    assert kept
    assert not any(b"hunter2" in path.read_bytes() for path in kept)
    assert rollouts.work(release, "a").attempts == 2


def test_a_plan_that_is_not_empty_afterwards_is_a_failure(rollouts: Rollouts) -> None:
    release = rollouts.release({"a": text_stack("${timestamp()}")})
    record = rollouts.work(release, "a")
    assert (record.outcome, record.step) == ("failed", "check")
    assert record.error == "the plan is not empty afterwards: 1 to replace"


def test_a_lock_of_somebody_else_is_not_broken(rollouts: Rollouts) -> None:
    """Terraform locks a file on this machine as any program can; the lock ends with its holder."""
    import fcntl

    release = rollouts.release({"a": text_stack("one")})
    rollouts.work(release, "a")
    later = rollouts.release({"a": text_stack("two")})
    with (rollouts.path / "state" / "a.tfstate").open("r+") as state:
        fcntl.lockf(state, fcntl.LOCK_EX)
        record = work(rollouts.task(later, "a", lock_seconds=1), os.environ, stopping=lambda: False)
    assert (record.outcome, record.step) == ("locked", "plan")
    assert record.error.startswith("Error acquiring the state lock")
    assert rollouts.texts("a") == ["one"]
    assert rollouts.work(later, "a").outcome == "succeeded"


@pytest.mark.parametrize("asked", ["pause", "abort"])
def test_nobody_begins_where_the_rollout_is_to_wait(rollouts: Rollouts, asked: str) -> None:
    release = rollouts.release({"a": text_stack("one")})
    ask(rollouts.folder, release.digest, "pause" if asked == "pause" else "abort")
    with pytest.raises(ConfigurationError, match="which is to wait"):
        rollouts.work(release, "a")
    assert rollouts.folder.record("a") is None


def test_who_is_held_is_not_touched(rollouts: Rollouts) -> None:
    release = rollouts.release({"a": text_stack("one")}, held=["a"])
    with pytest.raises(ConfigurationError, match=r"a, which the registry holds \(release: paused\)"):
        rollouts.work(release, "a")


def test_a_changed_blob_is_recorded_and_nothing_is_applied(rollouts: Rollouts) -> None:
    release = rollouts.release({"a": text_stack("one")})
    blob = release.store / "blobs" / release.manifest.stacks["a"].files["cdk.tf.json"]
    blob.chmod(0o644)
    blob.write_text(blob.read_text().replace("one", "two"))
    record = rollouts.work(release, "a")
    assert (record.outcome, record.step) == ("failed", "unpack")
    assert "expected the bytes that were proved" in record.error
    assert not (rollouts.path / "state").exists()


@pytest.mark.parametrize("stop_at", ["unpack", "init", "plan", "guard", "apply"])
def test_asked_to_end_it_ends_before_the_apply_and_not_after(rollouts: Rollouts, stop_at: str) -> None:
    release = rollouts.release({"a": text_stack("one")})
    steps = ["unpack", "init", "plan", "guard", "apply"]
    looks = iter([*(False for _ in steps[: steps.index(stop_at)]), *(True for _ in range(10))])
    record = work(rollouts.task(release, "a"), os.environ, stopping=lambda: next(looks))
    assert record.outcome == "stopped"
    assert not (rollouts.path / "state" / "a.tfstate").exists()
    assert rollouts.work(release, "a").outcome == "succeeded"


@pytest.mark.parametrize("step", ["init", "plan", "apply", "check"])
def test_killed_at_any_step_the_next_run_goes_on(rollouts: Rollouts, step: str) -> None:
    made = rollouts.path / "made"
    release = rollouts.release({"a": text_stack("one", command=f"sleep 0.3; echo made >> '{made}'")})
    worker = rollouts.start("fleet.rollout.worker", release.digest, "a")
    eventually(lambda: (found := rollouts.folder.record("a")) is not None and found.step in {step, "done"})
    worker.kill()
    worker.communicate()
    record = rollouts.work(release, "a")
    assert (record.outcome, record.step) == ("succeeded", "done")
    assert rollouts.texts("a") == ["one"]
    # Terraform has outlived the worker, and ended what it began.
    assert made.read_text() == "made\n"
    assert not rollouts.folder.work("a").exists()


def test_with_terraform_killed_in_the_apply_the_next_run_goes_on(rollouts: Rollouts) -> None:
    begun, pid = rollouts.path / "begun", rollouts.path / "pid"
    script = f"echo $PPID > '{pid}'; test -e '{begun}' || {{ touch '{begun}'; exec sleep 600; }}"
    release = rollouts.release({"a": text_stack("one", command=script)})
    worker = rollouts.start("fleet.rollout.worker", release.digest, "a")
    eventually(begun.exists)
    worker.kill()
    worker.communicate()
    terraform = int(pid.read_text())
    os.killpg(terraform, signal.SIGKILL)
    eventually(lambda: not is_alive(terraform))
    assert rollouts.work(release, "a").outcome == "succeeded"
    assert rollouts.texts("a") == ["one"]


def test_two_workers_of_one_stack_do_it_once(rollouts: Rollouts) -> None:
    made = rollouts.path / "made"
    release = rollouts.release({"a": text_stack("one", command=f"sleep 0.5; echo made >> '{made}'")})
    workers = [rollouts.start("fleet.rollout.worker", release.digest, "a") for _ in range(2)]
    for worker in workers:
        worker.communicate()
    assert [worker.returncode for worker in workers] == [0, 0]
    assert made.read_text() == "made\n"
    assert [event["event"] for event in rollouts.events()] == ["started", "succeeded"]


def test_the_command_says_what_it_did(rollouts: Rollouts, capsys: pytest.CaptureFixture[str]) -> None:
    release = rollouts.release({"a": text_stack("one"), "b": text_stack("bad", command="exit 1")})
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert main(["worker", release.digest, "a", *rollouts.options]) == 0
        assert capsys.readouterr().out == "a: succeeded: 1 created\n"
        assert main(["worker", release.digest, "b", "--json", *rollouts.options]) == 1
        assert json.loads(capsys.readouterr().out)["outcome"] == "failed"
        assert main(["worker", release.digest, "c", *rollouts.options]) == 2
        assert (
            capsys.readouterr().err
            == f"fleet: worker: received 'c', expected a stack of the release {release.name}\n"
        )
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


AWS_ERROR = """aws_dynamodb_table.t: Creating...

Error: creating AWS DynamoDB Table (secret-name): operation error DynamoDB: CreateTable, https response error
StatusCode: 400, RequestID: 1, api error ResourceInUseException: Table already exists: secret-name

  with aws_dynamodb_table.t,
  on cdk.tf.json line 3, in resource.aws_dynamodb_table.t:

Error: another, api error Other:

  with aws_kms_key.k,
"""
KNOWN_ERROR = AWS_ERROR.replace("api error Resource", "Resource")
LOCK_ERROR = """
Error: Error acquiring the state lock

Error message: operation error S3: PutObject, https response error StatusCode: 412, api error PreconditionFailed:
Lock Info:
  ID:        0f5c3a52-7a3c-4d0e-8e52-6d1a5f1c0a11
  Path:      states/a.tfstate
  Operation: OperationTypeApply
  Who:       ann@host
"""


@pytest.mark.parametrize(
    ("output", "said"),
    [
        *(
            (error, "creating AWS DynamoDB Table, aws_dynamodb_table.t, ResourceInUseException")
            for error in (AWS_ERROR, KNOWN_ERROR)
        ),
        (
            LOCK_ERROR,
            "Error acquiring the state lock, lock 0f5c3a52-7a3c-4d0e-8e52-6d1a5f1c0a11, of ann@host",
        ),
        ("Killed", "Terraform failed"),
        ("Error: \x1b[31m(secret)", "Terraform failed"),
    ],
)
def test_a_reason_has_no_value(output: str, said: str) -> None:
    assert reason(output) == said
