"""What `retire` refuses before it does anything, and how it says where it stopped."""

from __future__ import annotations

import fcntl
import json
import os
import signal
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fleet.__main__ import main
from fleet.release.manifest import CONFIGURATION
from fleet.release.store import Release, publish
from fleet.retirement import engine
from fleet.retirement.context import Context, InitializedStack
from fleet.retirement.engine import RetirementEngine
from fleet.retirement.record import Retirement, RetirementFolder
from fleet.retirement.text import described
from fleet.retirement.unprotecting import protected
from fleet.retirement.verifying import verify
from fleet.rollout.stack_root import StackRoot
from tests.fleet.rollouts import Rollouts, text_stack

REGISTRY = """\
created_at: '2026-01-01T00:00:00Z'
tenants:
  old-co:
    silo: {cidr: 10.1.0.0/16}
  both-co:
    silo: {cidr: 10.2.0.0/16}
    fargate: {listener_priority: 1}
platform: {domain: example.com, cidr: 10.0.0.0/16}
retired:
  gone-co: {cidr: 10.3.0.0/16}
"""
REQUEST = (
    *("--requested-by", "ann@example.com", "--approved-by", "ben@example.com"),
    *("--reason", "Old Co's contract has ended.", "--no-export", "Its data was handed over before."),
)


@pytest.fixture
def rollouts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Rollouts:
    (tmp_path / "tenants.yaml").write_text(REGISTRY)
    monkeypatch.setenv("TENANT_REGISTRY", str(tmp_path / "tenants.yaml"))
    for name in ("ENVIRONMENT_SUFFIX", "PROFILE", "STACKS"):
        monkeypatch.delenv(name, raising=False)
    return Rollouts(path=tmp_path)


@pytest.fixture
def release(rollouts: Rollouts) -> Release:
    return rollouts.release({f"tenant-{tenant}-test": text_stack("") for tenant in ("old-co", "both-co")})


@pytest.mark.parametrize(
    ("tenant", "options", "said"),
    [
        ("nobody", (), "TENANT: received 'nobody', expected a tenant of "),
        ("gone-co", (), "not a retired one: its receipt may be in "),
        (
            "both-co",
            (),
            "with tenant-both-co-test of both-co', expected one of the environment test with its platform",
        ),
        ("old-co", ("--approved-by", "Ann@Example.com"), "retire: approved_by: received 'Ann@Example.com'"),
        ("old-co", ("--release", "00000000"), "received 'no release', expected one"),
        ("old-co", ("--request", "request.yaml"), "--request: received "),
    ],
)
def test_what_cannot_be_retired_is_refused_and_nothing_is_written(  # noqa: PLR0917 (a row of the table)
    rollouts: Rollouts,
    release: Release,
    tenant: str,
    options: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = ["retire", tenant, *REQUEST, "--release", release.digest, *options, *rollouts.options]
    assert main(command) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert said in line
    assert not rollouts.folder.path.exists()


def test_without_a_release_the_records_must_say_one(
    rollouts: Rollouts, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["retire", "old-co", *REQUEST, *rollouts.options]) == 2
    assert "--release: received nothing, expected the release that" in capsys.readouterr().err


def test_while_a_rollout_runs_nobody_is_retired(
    rollouts: Rollouts, release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    file = rollouts.folder.lock("engine.lock")
    file.parent.mkdir(parents=True)
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert main(["retire", "old-co", *REQUEST, "--release", release.digest, *rollouts.options]) == 2
    assert "received 'one that is running', expected no rollout" in capsys.readouterr().err
    assert RetirementFolder(rollouts=rollouts.folder).tenants() == []


def test_a_step_that_fails_says_which_what_was_done_and_how_to_go_on(
    rollouts: Rollouts, release: Release, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The stack was never deployed: its state is empty."""
    receipts = f"--receipts={tmp_path / 'receipts'}"
    command = ["retire", "old-co", "--release", release.digest, receipts, *rollouts.options]
    assert main([*command, *REQUEST]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "fleet: retire old-co: stopped before 'disabled': no state has anything of old-co: is it deployed in this "
        "environment?",
        "done: approved; `python -m fleet retire old-co` goes on",
    ]
    # The request is recorded: it may be left out, and not changed.
    assert main(command) == 1
    assert main([*command, *REQUEST, "--reason", "Another reason than before."]) == 2
    assert "expected the same reason as when it began" in capsys.readouterr().err
    assert main([*command, "--dry-run", "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert list(document["done"]) == ["approved"]
    assert document["left"][0] == "disabled"


def test_asked_to_end_it_ends_after_the_step_that_runs(
    rollouts: Rollouts,
    release: Release,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def asked(*_: object) -> dict[str, str]:
        os.kill(os.getpid(), signal.SIGTERM)
        return {"requested_by": "ann", "approved_by": "ben"}

    monkeypatch.setattr(RetirementEngine, "_approved", asked)
    before = signal.getsignal(signal.SIGTERM)
    assert main(["retire", "old-co", *REQUEST, "--release", release.digest, *rollouts.options]) == 1
    assert "stopped before 'disabled': asked to end\ndone: approved;" in capsys.readouterr().err
    assert signal.getsignal(signal.SIGTERM) == before


def test_stacks_of_the_users_own_go_before_the_platforms(
    rollouts: Rollouts, release: Release, capsys: pytest.CaptureFixture[str]
) -> None:
    """One whose name comes later than `tenant-`, too."""
    made = rollouts.release({f"{name}-old-co-test": text_stack("") for name in ("audit", "tenant", "usage")})
    stacks = {id_: replace(entry, tenants=("old-co",)) for id_, entry in made.manifest.stacks.items()}
    own = publish(made.store, replace(made.manifest, stacks=stacks))
    options = ["--release", own.digest, "--dry-run", "--json", *rollouts.options]
    assert main(["retire", "old-co", *REQUEST, *options]) == 0
    shown = json.loads(capsys.readouterr().out)["stacks"]
    assert list(shown) == ["audit-old-co-test", "usage-old-co-test", "tenant-old-co-test"]


def test_what_nobody_knows_how_to_ask_aws_for_is_looked_for_by_hand(
    rollouts: Rollouts, release: Release, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It stops before anything is disabled, and whoever looks is told on."""
    has = {"things-old-co-test/aws_iot_thing.a": {"type": "aws_iot_thing", "id": "a"}}
    disabled: list[str] = []

    def disable(context: Context, _: Retirement) -> dict[str, int]:
        disabled.append(context.by_hand)
        return {"functions": 0, "services": 0}

    monkeypatch.setattr(engine, "look", lambda *_: has)
    monkeypatch.setattr(engine, "disable", disable)
    command = ["retire", "old-co", "--release", release.digest, *rollouts.options]
    receipts = f"--receipts={rollouts.path / 'receipts'}"
    assert main([*command, *REQUEST, receipts]) == 1
    assert capsys.readouterr().err.splitlines()[0] == (
        "fleet: retire old-co: stopped before 'disabled': nobody knows how to ask AWS for "
        "things-old-co-test/aws_iot_thing.a: go on with --by-hand and who looks whether they are gone"
    )
    assert disabled == []
    main([*command, "--by-hand", "Ann looks."])
    assert disabled == ["Ann looks."]


def test_the_receipt_says_what_was_looked_for_by_hand(rollouts: Rollouts, release: Release) -> None:
    has = {"things/aws_iot_thing.a": {"type": "aws_iot_thing", "id": "a"}}
    context: Any = SimpleNamespace(by_hand="Ann looks.")
    retirement: Any = SimpleNamespace(resources=has, stacks={}, tenant="old-co")
    found = verify(context, retirement)
    assert found["by_hand"] == {"looked": "Ann looks.", "for": ["things/aws_iot_thing.a"]}
    assert (found["asked"], found["with_their_owner"]) == (0, 0)
    assert described("verified", found).splitlines()[1] == "    things/aws_iot_thing.a: Ann looks."


def test_what_is_protected_is_named_as_the_registry_does(rollouts: Rollouts, release: Release) -> None:
    held = {"lifecycle": {"prevent_destroy": True}}
    platform: dict[str, Any] = {
        "terraform": {},
        "provider": {"aws": [{"region": "us-east-1"}]},
        "resource": {
            "aws_s3_bucket": {
                tenant: {**held, "//": {"metadata": {"path": f"shared/tenants/{tenant}/data_bucket"}}}
                for tenant in ("old-co", "new-co")
            },
            "aws_kms_key": {"key": {"//": {"metadata": {"path": "shared/tenants/old-co/key"}}}},
        },
    }
    (rollouts.path / CONFIGURATION).write_text(json.dumps(platform))
    root: Any = StackRoot(
        release=release,
        stack="shared-platform-test",
        folder=rollouts.path,
        terraform=None,  # type: ignore[arg-type]
        base=rollouts.path,
        lock_seconds=0,
    )
    assert protected(InitializedStack(root=root), "old-co") == ["bucket"]
    assert protected(InitializedStack(root=root), "nobody") == []
