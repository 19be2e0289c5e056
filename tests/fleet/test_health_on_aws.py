"""Rollouts on this machine that ask the local AWS how a wave is, with the rights of whoever deploys."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from emulator.server import Emulator
from fleet.__main__ import main
from fleet.release.manifest import Watching, Wave
from fleet.release.store import Release
from fleet.rollout_settings import NotObserved
from tests.deployment.deploying import as_deployer
from tests.emulator.builds import wait_until
from tests.fleet.rollouts import Rollouts, text_stack
from tests.fleet.watched import make_alarm, set_alarm, write_requests

pytestmark = pytest.mark.deployment

PAUSE = 0.05
"""Minutes."""


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(auth=True) as running:
        yield running


@pytest.fixture
def rollouts(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rollouts:
    environment = as_deployer(emulator, state_bucket="states")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return Rollouts(path=tmp_path, environment=environment)


def release(
    rollouts: Rollouts, alarm: str, *, not_observed: NotObserved = "continue", wait: str = "true"
) -> Release:
    """A release of two waves, of a stack each; the first has an alarm."""
    waves = [Wave(name=name, stacks=(name,), tolerated=0, bake_minutes=PAUSE) for name in ("first", "second")]
    return rollouts.release(
        {"first": text_stack(not_observed, command=wait), "second": text_stack(not_observed)},
        waves=waves,
        alarms={"first": [alarm]},
        watching=Watching(minimum_requests=6, not_observed=not_observed),
    )


@pytest.fixture
def run(rollouts: Rollouts, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, Any]]:
    """Run a command; its exit code and what it said."""

    def result(command: str, release: Release) -> tuple[int, Any]:
        code = main([command, release.digest, "--json", *rollouts.options])
        return code, json.loads(capsys.readouterr().out)

    return result


def health(document: Any) -> list[Any]:
    """How each wave is, by what a command printed."""
    return [
        wave["health"] and (wave["health"]["health"], wave["health"]["reasons"]) for wave in document["waves"]
    ]


def test_with_requests_and_without_alarm_a_wave_is_healthy(
    emulator: Emulator, rollouts: Rollouts, run: Callable[..., tuple[int, Any]]
) -> None:
    make_alarm(emulator, "well")
    write_requests(emulator, "well", 6)
    code, found = run("start", release(rollouts, "well"))
    assert (code, found["ended"]) == (0, "finished")
    assert health(found) == [("healthy", []), None]


def test_without_requests_a_wave_is_not_observed_and_the_rollout_goes_on_unless_it_is_to_wait(
    emulator: Emulator, rollouts: Rollouts, run: Callable[..., tuple[int, Any]]
) -> None:
    make_alarm(emulator, "quiet")
    unseen = [("not observed", ["first: 0 requests, 6 are needed"]), None]
    code, found = run("start", release(rollouts, "quiet"))
    assert (code, found["ended"], health(found)) == (0, "finished", unseen)

    waits = release(rollouts, "quiet", not_observed="wait")
    code, found = run("start", waits)
    assert (code, found["ended"], found["asked"], health(found)) == (1, "paused", "pause", unseen)
    assert found["counts"] == {"succeeded": 1, "waiting": 1}
    # A person has looked.
    code, found = run("resume", waits)
    assert (code, found["ended"], health(found)) == (0, "finished", unseen)


def test_an_alarm_halts_the_rollout_until_it_is_looked_at_again(
    emulator: Emulator,
    rollouts: Rollouts,
    run: Callable[..., tuple[int, Any]],
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_alarm(emulator, "ill")
    write_requests(emulator, "ill", 6)
    begun, go = rollouts.path / "begun", rollouts.path / "go"
    made = release(rollouts, "ill", wait=f"touch '{begun}'; until test -e '{go}'; do sleep 0.05; done")
    engine = rollouts.start("fleet", "start", made.digest)
    wait_until(begun.exists, "the apply of the first stack")
    set_alarm(emulator, "ill", "ALARM")
    go.touch()
    said, _ = engine.communicate()
    assert engine.returncode == 1
    assert "wave first is unhealthy\n  first: alarm ill is on since 2" in said
    assert said.endswith(
        f"halted: wave first is unhealthy; `python -m fleet retry {made.name}` looks again, "
        "an earlier release rolls back\n"
    )
    # Nobody looks again unless somebody asks for it.
    set_alarm(emulator, "ill", "OK")
    code, found = run("start", made)
    assert (code, found["ended"], found["counts"]) == (1, "halted", {"succeeded": 1, "waiting": 1})
    assert main(["status", made.digest, *rollouts.options]) == 0
    assert "wave first is unhealthy\n  first: alarm ill is on since" in capsys.readouterr().out
    code, found = run("retry", made)
    assert (code, found["ended"], health(found)) == (0, "finished", [("healthy", []), None])


def test_what_aws_refuses_is_said_and_nobody_goes_on(
    emulator: Emulator,
    rollouts: Rollouts,
    run: Callable[..., tuple[int, Any]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_alarm(emulator, "hidden")
    made = release(rollouts, "hidden")
    emulator.client("iam").create_user(UserName="nobody")
    keys = emulator.client("iam").create_access_key(UserName="nobody")["AccessKey"]
    with monkeypatch.context() as nobody:
        nobody.setenv("AWS_ACCESS_KEY_ID", keys["AccessKeyId"])
        nobody.setenv("AWS_SECRET_ACCESS_KEY", keys["SecretAccessKey"])
        nobody.delenv("AWS_SESSION_TOKEN", raising=False)
        assert main(["start", made.digest, *rollouts.options]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if "CloudWatch" in line]
    assert line == (
        "fleet: CloudWatch in us-east-1: received 'AccessDeniedException', "
        "expected the rights cloudwatch:DescribeAlarms and cloudwatch:GetMetricStatistics"
    )
    code, found = run("start", made)
    assert (code, found["ended"]) == (0, "finished")
