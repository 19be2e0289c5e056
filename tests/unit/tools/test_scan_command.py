"""`python -m tools.scan`: its exit codes and reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from tests.isolation.sarif_schema import SARIF
from tests.synthesis import synthesize
from tools.scan import __main__ as command
from tools.scan import checkov, scanning
from tools.scan.findings import Finding

OUTDIR = "outdir"
FOUND = Finding(check="CKV_AWS_18", address="tenant-acme-corp-test/aws_s3_bucket.data", message="No log.")
OURS = Finding(check="INT-301", address="tenant-acme-corp-test/aws_security_group.x", message="lets all in.")


@pytest.fixture
def outdir() -> str:
    return str(synthesize().outdir)


@pytest.fixture
def waivers(tmp_path: Path) -> Path:
    file = tmp_path / "w.yaml"
    file.write_text("waivers: []\n")
    return file


def accepting(file: Path, check: str) -> None:
    file.write_text(
        f"waivers: [{{check: {check}, address: '*/aws_s3_bucket.*', reason: Why., owner: me, until: 2026-11-27}}]\n"
    )


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What the scanners find, to be changed: the command is tested here, they are elsewhere."""
    findings: list[Finding] = []
    monkeypatch.setattr(command, "scan", lambda stacks, floors: findings)
    return findings


def test_nothing_found_is_0(
    outdir: str, waivers: Path, found: list[Finding], capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main([outdir, "--waivers", str(waivers)]) == 0
    assert capsys.readouterr().out == "0 findings in 1 stacks, and 0 more that 0 waivers accept.\n"


def test_something_found_is_1_and_named(
    outdir: str, waivers: Path, found: list[Finding], capsys: pytest.CaptureFixture[str]
) -> None:
    found.append(FOUND)
    assert command.main([outdir, "--waivers", str(waivers)]) == 1
    assert capsys.readouterr().out == (
        "CKV_AWS_18 tenant-acme-corp-test/aws_s3_bucket.data: No log.\n"
        "1 findings in 1 stacks, and 0 more that 0 waivers accept.\n"
    )


def test_a_waiver_is_valid_on_its_last_day_and_2_afterwards(
    outdir: str, waivers: Path, found: list[Finding], capsys: pytest.CaptureFixture[str]
) -> None:
    found.append(FOUND)
    accepting(waivers, "CKV_AWS_18")
    assert command.main([outdir, "--waivers", str(waivers), "--today", "2026-11-27"]) == 0
    assert command.main([outdir, "--waivers", str(waivers), "--today", "2026-11-28"]) == 2
    assert "which is over" in capsys.readouterr().err


def test_a_waiver_that_is_not_used_is_2(
    outdir: str, waivers: Path, found: list[Finding], capsys: pytest.CaptureFixture[str]
) -> None:
    accepting(waivers, "CKV_AWS_18")
    assert command.main([outdir, "--waivers", str(waivers), "--today", "2026-11-27"]) == 2
    assert capsys.readouterr().err.startswith("scan: w.yaml:1: waivers.0: received 'CKV_AWS_18 at ")


def test_reports_hold_what_is_found_and_what_is_accepted(
    outdir: str, waivers: Path, found: list[Finding], tmp_path: Path
) -> None:
    found += [FOUND, OURS]
    accepting(waivers, "CKV_AWS_18")
    reports = ["--json", str(tmp_path / "r.json"), "--sarif", str(tmp_path / "r.sarif")]
    assert command.main([outdir, "--waivers", str(waivers), "--today", "2026-11-27", *reports]) == 1
    assert json.loads((tmp_path / "r.json").read_text())["findings"] == [
        {"check": "INT-301", "address": OURS.address, "message": "lets all in.", "waiver": None},
        {
            "check": "CKV_AWS_18",
            "address": FOUND.address,
            "message": "No log.",
            "waiver": {"reason": "Why.", "owner": "me", "until": "2026-11-27"},
        },
    ]
    sarif = json.loads((tmp_path / "r.sarif").read_text())
    Draft7Validator(SARIF).validate(sarif)
    first, second = sarif["runs"][0]["results"]
    rules = [rule["id"] for rule in sarif["runs"][0]["tool"]["driver"]["rules"]]
    assert [rules[result["ruleIndex"]] for result in (first, second)] == ["INT-301", "CKV_AWS_18"]
    assert "suppressions" not in first
    assert second["suppressions"][0]["justification"] == "Why. (me, until 2026-11-27)"


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["nowhere"], "scan: nowhere/manifest.json: "),
        (["--today", "soon"], "scan: --today: received 'soon', expected a day such as 2026-12-31"),
        (["--waivers", "nowhere.yaml"], "scan: nowhere.yaml: received 'No such file or directory'"),
    ],
)
def test_bad_input_is_2_in_one_line(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith(says)
    assert error.count("\n") == 1


def test_a_scanner_that_is_missing_is_2_in_one_line(
    outdir: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone" / "bin" / "python"
    monkeypatch.setattr(
        command, "scan", lambda stacks, floors: scanning.scan(stacks, floors=floors, python=gone)
    )
    assert command.main([outdir]) == 2
    assert (
        capsys.readouterr().err
        == f"scan: checkov is not installed in {gone.parents[1]}: run `make setup-scan`\n"
    )


def test_fewer_checks_than_the_floor_are_2(
    outdir: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran = checkov.Run(findings=[], checks={})
    monkeypatch.setattr(checkov, "run", lambda stacks, python: ran)
    assert command.main([outdir]) == 2
    assert "scan: checkov: ran 0 checks on tenant-acme-corp-test/" in capsys.readouterr().err


def test_a_defect_of_the_tool_is_2_in_one_line(
    outdir: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*_: object, **__: object) -> list[Finding]:
        raise KeyError("Statement")

    monkeypatch.setattr(command, "scan", failing)
    assert command.main([outdir]) == 2
    error = capsys.readouterr().err
    assert error == "scan: failed, which is a defect of this tool (KeyError: 'Statement')\n"
