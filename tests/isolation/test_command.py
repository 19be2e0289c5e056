"""The command: what it prints, what it writes and how it exits."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from isolation.__main__ import main
from tests.isolation.holes.editing import ACME, add
from tests.isolation.holes.keys import anybody_with_the_tag_may_use_the_key
from tests.isolation.stacks import documents, written


def test_the_command_says_what_it_found_and_exits_accordingly(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    proved = written(tmp_path / "proved", documents())
    assert (
        main([str(proved), "--json", str(tmp_path / "report.json"), "--svg", str(tmp_path / "report.svg")])
        == 0
    )
    assert capsys.readouterr().out.startswith("PROVED: ")
    assert json.loads((tmp_path / "report.json").read_text())["verdict"] == "PROVED"
    assert (tmp_path / "report.svg").read_text().startswith("<svg")

    stacks = documents()
    anybody_with_the_tag_may_use_the_key(stacks)
    assert main([str(written(tmp_path / "violated", stacks))]) == 1
    out = capsys.readouterr().out
    assert "VIOLATED: (foreign account) -> acme-corp, key" in out
    assert "does       kms:decrypt" in out
    assert "with       aws:principaltag/tenantid = acme-corp" in out
    assert "Trusted:" in out

    stacks = documents()
    add(stacks, ACME, "aws_efs_file_system", "files", {})
    assert main([str(written(tmp_path / "unknown", stacks))]) == 2
    assert "resource type aws_efs_file_system" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "no folder 'stacks' in it"),
        ("", "Expecting value"),
        ("[]", "expected a JSON object"),
        ("{", "Expecting"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], content: str | None, said: str
) -> None:
    if content is not None:
        (tmp_path / "stacks" / "one").mkdir(parents=True)
        (tmp_path / "stacks" / "one" / "cdk.tf.json").write_text(content)
    assert main([str(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.count("\n") == 1
    assert said in captured.err


def test_stacks_of_an_odd_shape_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(written(tmp_path, {"odd": {"resource": {"aws_s3_bucket": 3}}}))]) == 2
    assert capsys.readouterr().err == "isolation: odd/aws_s3_bucket: received 3, expected an object\n"
    (tmp_path / "empty" / "stacks").mkdir(parents=True)
    assert main([str(tmp_path / "empty")]) == 2
    assert "no */cdk.tf.json" in capsys.readouterr().err
    assert main([str(tmp_path), "--account", "12"]) == 2
