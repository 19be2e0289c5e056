"""What is said of drift, without Terraform."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.__main__ import main
from fleet.rollout.drift import Drift, text
from fleet.rollout.records import Record, RolloutFolder


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
