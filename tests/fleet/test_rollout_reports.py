"""What is said of a rollout, of drift, and of who has which release, without a rollout."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fleet.__main__ import main
from fleet.rollout.drift import Drift, text
from fleet.rollout.records import Record, RolloutFolder
from tests.fleet.rollouts import Rollouts, text_stack


def test_stacks_that_differ_alike_are_one_group_and_what_is_new_comes_first() -> None:
    lines = ("aws_kms_key.key update tags",)
    found = [
        Drift(stack="a", release="r"),
        Drift(stack="b", release="r", lines=lines),
        Drift(stack="c", release="r", lines=lines, new=lines),
        Drift(stack="d", release="r", lines=lines, new=lines),
        Drift(stack="e", release="r", error="its last attempt has not succeeded"),
    ]
    assert text(found).splitlines() == [
        "5 stacks: 1 as deployed",
        "2 stacks differ, new since last time: c, d",
        "  aws_kms_key.key update tags",
        "1 stack differs: b",
        "  aws_kms_key.key update tags",
        "1 stack not known, its last attempt has not succeeded: e",
    ]


@pytest.mark.deployment
def test_a_stack_whose_last_attempt_failed_is_not_known(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    record = Record(stack="a", release="0" * 64, content="", outcome="failed", attempts=1, started_at="")
    RolloutFolder(path=tmp_path).write(record)
    assert main(["drift", f"--folder={tmp_path}", f"--base={tmp_path}"]) == 1
    assert capsys.readouterr().out == (
        "1 stack: 0 as deployed\n1 stack not known, its last attempt has not succeeded: a\n"
    )


@pytest.mark.deployment
def test_a_release_that_is_gone_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    record = Record(stack="a", release="0" * 64, content="", outcome="succeeded", attempts=1, started_at="")
    RolloutFolder(path=tmp_path).write(record)
    arguments = ["drift", f"--folder={tmp_path}", f"--releases={tmp_path / 'releases'}"]
    assert main(arguments) == 2
    assert (
        "received 'no release', expected one; `python -m fleet release` makes it" in capsys.readouterr().err
    )


def test_status_without_a_release_says_who_has_which(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["status", f"--folder={tmp_path}"]
    assert main(arguments) == 0
    assert capsys.readouterr().out == "no release has reached a stack\n"
    folder = RolloutFolder(path=tmp_path)
    for stack, release in (("a", "1" * 64), ("b", "2" * 64), ("c", "2" * 64)):
        folder.write(
            Record(stack=stack, release=release, content="", outcome="succeeded", attempts=1, started_at="")
        )
    assert main(arguments) == 0
    assert capsys.readouterr().out.splitlines() == [
        "release       succeeded",
        "111111111111          1",
        "222222222222          2",
    ]
    folder.write(
        Record(stack="d", release="2" * 64, content="", outcome="refused", attempts=1, started_at="")
    )
    assert main([*arguments, "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "1" * 64: {"a": "succeeded"},
        "2" * 64: {"b": "succeeded", "c": "succeeded", "d": "refused"},
    }


def test_what_is_refused_in_every_tenant_is_reported_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rollouts = Rollouts(path=tmp_path)
    tenants = [f"tenant-{number}" for number in range(7)]
    release = rollouts.release({tenant: text_stack("one") for tenant in tenants})
    for tenant in tenants:
        refused = Record(
            stack=tenant,
            release=release.digest,
            content="",
            outcome="refused",
            attempts=1,
            step="guard",
            refused=("aws_dynamodb_table.t: replace loses its items",),
            started_at="",
        )
        rollouts.folder.write(refused)
    assert main(["status", release.digest, *rollouts.options]) == 1
    assert capsys.readouterr().out.splitlines() == [
        f"release {release.name}",
        "",
        "wave  refused  tolerated failures",
        "100%        7                   0",
        "7 stacks refused at guard: aws_dynamodb_table.t: replace loses its items",
        "  tenant-0, tenant-1, tenant-2, tenant-3, tenant-4 and 2 more",
    ]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"stack": "b"}', "\0"])
def test_what_is_no_record_is_said_in_one_line(
    tmp_path: Path, content: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "records" / "a.json"
    file.parent.mkdir()
    file.write_text(content)
    assert main(["status", f"--folder={tmp_path}"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"fleet: {file}: received ")
    assert line.endswith("expected a record of a worker; remove it to begin anew")
