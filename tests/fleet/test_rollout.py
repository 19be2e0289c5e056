"""A rollout on this machine, with workers in processes of their own and real Terraform."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from fleet.__main__ import main
from fleet.release.manifest import Wave
from fleet.release.store import Release
from tests.fleet.rollouts import Rollouts, text_stack
from tests.guards import GUARD_SECONDS

pytestmark = pytest.mark.deployment
TENANTS = tuple(f"tenant-{number:02}" for number in range(20))
WAVES = (
    Wave(name="canary", stacks=TENANTS[:1], tolerated=0, bake_minutes=0),
    Wave(name="10%", stacks=TENANTS[1:3], tolerated=0, bake_minutes=0),
    Wave(name="50%", stacks=TENANTS[3:10], tolerated=1, bake_minutes=0),
    Wave(name="100%", stacks=TENANTS[10:], tolerated=0, bake_minutes=0),
)
BAD, WORSE = TENANTS[5], TENANTS[14]


@pytest.fixture
def rollouts(tmp_path: Path) -> Rollouts:
    return Rollouts(path=tmp_path)


def eventually(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + GUARD_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def command(
    rollouts: Rollouts, capsys: pytest.CaptureFixture[str], *arguments: str
) -> tuple[int, dict[str, Any]]:
    """Run `python -m fleet ... --json` in this process; its exit code and what it said."""
    code = main([*arguments, "--json", *rollouts.options])
    return code, json.loads(capsys.readouterr().out)


def states(document: Mapping[str, Any]) -> dict[str, str]:
    return {stack: state for wave in document["waves"] for stack, state in wave["stacks"].items()}


def outcome(rollouts: Rollouts, stack: str) -> str:
    record = rollouts.folder.record(stack)
    return record.outcome if record else ""


def blocked(path: Path) -> str:
    """A command that fails while there is no file at `path`."""
    return f"test -e '{path}'"


def waiting(begun: Path, go: Path) -> str:
    """A command that says that it has begun, and ends when there is a file at `go`."""
    return f"touch '{begun}'; until test -e '{go}'; do sleep 0.02; done"


def test_twenty_stacks_in_four_waves(rollouts: Rollouts, capsys: pytest.CaptureFixture[str]) -> None:
    """One fails and is tolerated, one more is not; both are contained, tried again, and the rollout finishes."""
    repaired = rollouts.path / "repaired"
    release = rollouts.release(
        {
            id_: text_stack(id_, command=blocked(repaired)) if id_ in {BAD, WORSE} else text_stack(id_)
            for id_ in TENANTS
        },
        waves=WAVES,
    )
    code, found = command(rollouts, capsys, "start", release.digest)
    assert (code, found["ended"]) == (1, "halted")
    reached = states(found)
    assert {id_: reached[id_] for id_ in TENANTS[:10]} == {
        id_: "failed" if id_ == BAD else "succeeded" for id_ in TENANTS[:10]
    }
    assert reached[WORSE] == "failed"
    assert reached[TENANTS[-1]] == "waiting"
    (group,) = found["failures"]
    assert group["stacks"] == [BAD, WORSE]
    assert group["reasons"] == ["local-exec provisioner error, terraform_data.text"]

    before = len(rollouts.events())
    code, again = command(rollouts, capsys, "start", release.digest)
    assert (code, again) == (1, found)
    assert [event["event"] for event in rollouts.events()[before:]] == ["rollout started", "rollout halted"]

    serials = {id_: rollouts.state(id_)["serial"] for id_ in TENANTS if reached[id_] == "succeeded"}
    repaired.touch()
    code, found = command(rollouts, capsys, "retry", release.digest)
    assert (code, found["ended"], found["counts"]) == (0, "finished", {"succeeded": 20})
    assert all(rollouts.texts(id_) == [id_] for id_ in TENANTS)
    assert {id_: rollouts.state(id_)["serial"] for id_ in serials} == serials

    before = len(rollouts.events())
    assert command(rollouts, capsys, "start", release.digest) == (0, found)
    assert [event["event"] for event in rollouts.events()[before:]] == ["rollout started", "rollout finished"]
    assert command(rollouts, capsys, "status", release.digest)[0] == 0

    # By hand, behind Terraform's back.
    planted = (TENANTS[2], TENANTS[9], TENANTS[17])
    for id_ in planted:
        rollouts.plant(id_, "secret value")
    line = "terraform_data.text update input,output"
    code, drift = drifted(rollouts, capsys)
    assert (code, len(drift)) == (1, len(TENANTS))
    assert {one["stack"]: (one["lines"], one["new"]) for one in drift if one["lines"] or one["error"]} == {
        id_: ([line], [line]) for id_ in planted
    }
    for id_ in set(TENANTS) - set(planted):
        (rollouts.folder.path / "records" / f"{id_}.json").unlink()
    code, drift = drifted(rollouts, capsys)
    assert (code, [(one["stack"], one["new"]) for one in drift]) == (1, [(id_, []) for id_ in planted])
    kept = [path.read_text() for path in rollouts.folder.path.rglob("*") if path.is_file()]
    assert not any("secret value" in text for text in kept)
    assert [rollouts.texts(id_) for id_ in planted] == [["secret value"]] * 3


def drifted(rollouts: Rollouts, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]]]:
    code = main(["drift", "--json", *rollouts.options])
    return code, json.loads(capsys.readouterr().out)


def three(rollouts: Rollouts, first: str) -> Release:
    """A release of three stacks in one wave, one at a time; the first runs the command `first`."""
    ids = TENANTS[:3]
    stacks = {id_: text_stack(id_, **({"command": first} if id_ == ids[0] else {})) for id_ in ids}
    wave = Wave(name="100%", stacks=ids, tolerated=0, bake_minutes=0)
    return rollouts.release(stacks, waves=[wave], concurrency=1)


def test_paused_who_runs_finishes_and_resumed_it_goes_on(
    rollouts: Rollouts, capsys: pytest.CaptureFixture[str]
) -> None:
    begun, go = rollouts.path / "begun", rollouts.path / "go"
    release = three(rollouts, waiting(begun, go))
    engine = rollouts.start("fleet", "start", release.digest)
    eventually(begun.exists)
    assert command(rollouts, capsys, "pause", release.digest) == (
        0,
        {"release": release.digest, "asked": "pause"},
    )
    go.touch()
    said, _ = engine.communicate()
    assert engine.returncode == 1
    assert f"\npaused; `python -m fleet resume {release.name}` goes on\n" in said
    found = command(rollouts, capsys, "status", release.digest)[1]
    assert (found["asked"], found["counts"]) == ("pause", {"succeeded": 1, "waiting": 2})
    assert main(["start", release.digest, *rollouts.options]) == 2
    assert "received 'a rollout that is paused', expected `resume`, or `abort`" in capsys.readouterr().err
    code, found = command(rollouts, capsys, "resume", release.digest)
    assert (code, found["counts"]) == (0, {"succeeded": 3})


def test_aborted_who_applies_finishes_and_no_lock_is_left(
    rollouts: Rollouts, capsys: pytest.CaptureFixture[str]
) -> None:
    begun, go = rollouts.path / "begun", rollouts.path / "go"
    release = three(rollouts, waiting(begun, go))
    engine = rollouts.start("fleet", "start", release.digest, "--json")
    eventually(begun.exists)
    assert command(rollouts, capsys, "abort", release.digest)[0] == 0
    time.sleep(0.3)
    go.touch()
    said, _ = engine.communicate()
    found = json.loads(said)
    assert (engine.returncode, found["ended"]) == (1, "aborted")
    assert found["counts"] == {"succeeded": 1, "waiting": 2}
    assert rollouts.texts(TENANTS[0]) == [TENANTS[0]]
    assert not list((rollouts.path / "state").glob(".*lock.info"))
    assert main(["resume", release.digest, *rollouts.options]) == 2
    assert "received 'a rollout that is not paused'" in capsys.readouterr().err


def test_one_rollout_at_a_time(rollouts: Rollouts, capsys: pytest.CaptureFixture[str]) -> None:
    begun, go = rollouts.path / "begun", rollouts.path / "go"
    release = three(rollouts, waiting(begun, go))
    engine = rollouts.start("fleet", "start", release.digest)
    eventually(begun.exists)
    assert main(["start", release.digest, *rollouts.options]) == 2
    assert "received 'a rollout that is running', expected one rollout at a time" in capsys.readouterr().err
    # Ctrl-C is a pause that nobody has to take back.
    engine.send_signal(signal.SIGINT)
    go.touch()
    said, _ = engine.communicate()
    assert engine.returncode == 1
    assert f"\npaused; `python -m fleet start {release.name}` goes on\n" in said


def test_with_the_engine_killed_the_next_one_goes_on(
    rollouts: Rollouts, capsys: pytest.CaptureFixture[str]
) -> None:
    begun, go, made = (rollouts.path / name for name in ("begun", "go", "made"))
    release = three(rollouts, f"{waiting(begun, go)}; echo made >> '{made}'")
    engine = rollouts.start("fleet", "start", release.digest)
    eventually(begun.exists)
    engine.kill()
    with engine:
        """Its pipes are closed; its worker goes on."""
    assert outcome(rollouts, TENANTS[0]) == "running"
    go.touch()
    code, found = command(rollouts, capsys, "start", release.digest)
    assert (code, found["counts"]) == (0, {"succeeded": 3})
    assert made.read_text() == "made\n"


def test_a_worker_that_is_killed_is_a_failure_that_can_be_tried_again(
    rollouts: Rollouts, capsys: pytest.CaptureFixture[str]
) -> None:
    begun, go = rollouts.path / "begun", rollouts.path / "go"
    release = three(rollouts, waiting(begun, go))
    engine = rollouts.start("fleet", "start", release.digest, "--json")
    eventually(begun.exists)
    (worker,) = subprocess.run(
        ["pgrep", "-P", str(engine.pid)], capture_output=True, text=True, check=True
    ).stdout.split()
    os.kill(int(worker), signal.SIGKILL)
    said, _ = engine.communicate()
    assert json.loads(said)["failures"] == [
        {
            "outcome": "failed",
            "step": "apply",
            "reasons": ["the worker ended with -9"],
            "stacks": [TENANTS[0]],
        }
    ]
    go.touch()
    code, found = command(rollouts, capsys, "retry", release.digest)
    assert (code, found["counts"]) == (0, {"succeeded": 3})


def test_a_release_with_a_changed_byte_reaches_nobody(
    rollouts: Rollouts, capsys: pytest.CaptureFixture[str]
) -> None:
    release = three(rollouts, "true")
    blob = release.store / "blobs" / release.manifest.stacks[TENANTS[2]].files["cdk.tf.json"]
    blob.chmod(0o644)
    blob.write_bytes(blob.read_bytes() + b" ")
    assert main(["start", release.digest, *rollouts.options]) == 2
    assert "expected the bytes that were proved" in capsys.readouterr().err
    assert not (rollouts.folder.path / "records").exists()


def test_the_plan_is_printed_before_anything_happens(
    rollouts: Rollouts, capsys: pytest.CaptureFixture[str]
) -> None:
    release = rollouts.release(
        {id_: text_stack(id_) for id_ in TENANTS},
        waves=WAVES,
        held=[TENANTS[-1]],
        may_destroy=["aws_sqs_queue.old"],
    )
    assert main(["plan", release.digest, "--minutes-each=3", *rollouts.options]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[:6] == [
        f"release {release.name}, 4 stacks at once",
        "",
        "wave    first stacks                          stacks  tolerated failures  then wait",
        "canary  tenant-00                                  1                   0      0 min",
        "10%     tenant-01, tenant-02                       2                   0      0 min",
        "50%     tenant-03, tenant-04, tenant-05, ...       7                   1      0 min",
    ]
    assert "held by the registry: tenant-19" in said
    assert "may be destroyed in tenant-00: aws_sqs_queue.old" in said
    # Of 1, 2, 7 and 10 stacks, four at once.
    assert said[-2] == "at 3 min a stack: 0 h 21 min"
    assert not rollouts.folder.path.exists()


@pytest.mark.parametrize("minutes", ["-1", "nan", "many"])
def test_no_stack_takes_such_a_time(
    rollouts: Rollouts, minutes: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["plan", "0" * 64, f"--minutes-each={minutes}", *rollouts.options])
    assert "--minutes-each" in capsys.readouterr().err


def test_a_commit_that_changes_nothing_of_a_tenants_does_not_touch_it(
    rollouts: Rollouts, capsys: pytest.CaptureFixture[str]
) -> None:
    def release(author: str, **texts: str) -> Release:
        return rollouts.release(
            {
                id_: {
                    "resource": {
                        "terraform_data": {
                            "text": {"input": {"tags": {"Author": author, "Team": "t"}, "text": text}}
                        }
                    }
                }
                for id_, text in texts.items()
            }
        )

    first = release("one", a="a", b="b", c="c")
    assert command(rollouts, capsys, "start", first.digest)[0] == 0
    serials = {id_: rollouts.state(id_)["serial"] for id_ in "abc"}
    second = release("another", a="a", b="new", c="c")
    assert second.digest != first.digest
    code, found = command(rollouts, capsys, "start", second.digest)
    assert (code, found["ended"]) == (0, "finished")
    assert states(found) == {"a": "unchanged", "b": "succeeded", "c": "unchanged"}
    assert {id_: rollouts.state(id_)["serial"] for id_ in "ac"} == {id_: serials[id_] for id_ in "ac"}
    assert rollouts.state("b")["serial"] > serials["b"]
    assert "one" in json.dumps(rollouts.state("a"))
    assert "another" in json.dumps(rollouts.state("b"))
    # Back again: what the later release changed, and nothing else.
    code, found = command(rollouts, capsys, "start", first.digest)
    assert states(found) == {"a": "succeeded", "b": "succeeded", "c": "succeeded"}
    assert {id_: rollouts.state(id_)["serial"] for id_ in "ac"} == {id_: serials[id_] for id_ in "ac"}
    assert '"text": "b"' in json.dumps(rollouts.state("b"))
    # For who wants the tags of a commit on one stack all the same.
    assert rollouts.work(second, "a").changes == {"update": 1}
