"""Waivers: which file is refused, what they accept, when they have run out and when they are not used."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from config.problems import ConfigurationError
from tools.scan.__main__ import WAIVERS
from tools.scan.findings import Finding
from tools.scan.waivers import Verdict, Waiver, judge, read_waivers

TODAY = date(2026, 11, 27)
FOUND = Finding(check="CKV_AWS_18", address="tenant-acme-prod/aws_s3_bucket.data", message="No log.")
OTHER = Finding(check="CKV_AWS_18", address="tenant-acme-dev/aws_s3_bucket.data", message="No log.")
LINES = {
    "check": "CKV_AWS_18",
    "address": "'*-prod/aws_s3_bucket.*'",
    "reason": "Nobody reads it.",
    "owner": "platform",
    "until": "2026-11-27",
}


def waiver(
    check: str = "CKV_AWS_18",
    address: str = "*-prod/aws_s3_bucket.*",
    until: date = TODAY,
    where: str = "w.yaml:2",
) -> Waiver:
    return Waiver(
        check=check, address=address, reason="Nobody reads it.", owner="platform", until=until, where=where
    )


def written(folder: Path, **lines: str | None) -> Path:
    """A file of one waiver, with other lines; `None` leaves one out."""
    given = {**LINES, **lines}
    body = "\n    ".join(f"{key}: {value}" for key, value in given.items() if value is not None)
    file = folder / "w.yaml"
    file.write_text(f"waivers:\n  - {body}\n")
    return file


def refused(file: Path) -> str:
    with pytest.raises(ConfigurationError) as error:
        read_waivers(file)
    return str(error.value)


def test_a_waiver_is_read(tmp_path: Path) -> None:
    (found,) = read_waivers(written(tmp_path))
    assert found == waiver(where="w.yaml:2: waivers.0")


def test_the_day_may_be_in_quotes_and_the_reason_on_two_lines(tmp_path: Path) -> None:
    (found,) = read_waivers(
        written(tmp_path, until="'2026-11-27'", reason=">-\n      Nobody\n      reads it.")
    )
    assert (found.until, found.reason) == (TODAY, "Nobody reads it.")


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ({"reason": "''"}, "w.yaml:4: waivers.0.reason: received '', expected a text that is not empty"),
        ({"reason": None}, "w.yaml:2: waivers.0.reason: received nothing, expected a text that is not empty"),
        ({"owner": "7"}, "w.yaml:5: waivers.0.owner: received 7, expected a text that is not empty"),
        ({"until": "soon"}, "w.yaml:6: waivers.0.until: received 'soon', expected a day such as 2026-12-31"),
        ({"until": None}, "w.yaml:2: waivers.0.until: received nothing, expected a day such as 2026-12-31"),
        ({"team": "x"}, "received 'team', expected only the keys check, address, reason, owner, until"),
        ({"address": "'*'"}, "expected 'stack/type.name', with '*' in the stack or in the name"),
        ({"address": "'*/*.*'"}, "expected 'stack/type.name', with '*' in the stack or in the name"),
        ({"address": "'*/aws_*.x'"}, "expected 'stack/type.name', with '*' in the stack or in the name"),
    ],
)
def test_a_wrong_line_is_named(tmp_path: Path, lines: dict[str, str | None], says: str) -> None:
    assert says in refused(written(tmp_path, **lines))


@pytest.mark.parametrize("content", ["", "[]", "waivers: {}", "waivers: []\nmore: 1", "waivers: [x]"])
def test_another_document_is_refused(tmp_path: Path, content: str) -> None:
    file = tmp_path / "w.yaml"
    file.write_text(content)
    assert "expected a mapping with the key" in refused(file)


def test_the_same_waiver_twice_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path)
    text = file.read_text()
    file.write_text(text + text.partition("\n")[2])
    assert "w.yaml:2: waivers.0: received 'CKV_AWS_18 at *-prod/aws_s3_bucket.* once more'" in refused(file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "w.yaml: received 'No such file or directory'" in refused(tmp_path / "w.yaml")


def test_a_waiver_accepts_its_check_at_its_addresses_alone() -> None:
    another = Finding(check="CKV_AWS_21", address=FOUND.address, message="No versions.")
    verdict = judge([FOUND, OTHER, another], [waiver()], today=TODAY)
    assert verdict == Verdict(open=[OTHER, another], accepted=[(FOUND, waiver())])


def test_a_waiver_that_ran_out_fails() -> None:
    with pytest.raises(ConfigurationError) as error:
        judge([FOUND], [waiver()], today=date(2026, 11, 28))
    assert str(error.value) == (
        "w.yaml:2.until: received '2026-11-27, which is over', expected 2026-11-28 or later, or nothing to waive"
    )


def test_a_waiver_that_is_not_used_fails() -> None:
    with pytest.raises(ConfigurationError) as error:
        judge([OTHER], [waiver()], today=TODAY)
    assert str(error.value) == (
        "w.yaml:2: received 'CKV_AWS_18 at *-prod/aws_s3_bucket.*, which was not found', "
        "expected waivers of what is found"
    )


def test_a_waiver_for_stacks_that_were_not_scanned_may_be_unused() -> None:
    assert judge([], [waiver()], today=TODAY, stacks=["tenant-acme-dev"]) == Verdict(open=[], accepted=[])
    with pytest.raises(ConfigurationError, match="was not found"):
        judge([], [waiver()], today=TODAY, stacks=["tenant-acme-prod"])


def test_two_waivers_of_one_finding_are_both_used() -> None:
    narrow = waiver(address=FOUND.address, where="w.yaml:9")
    assert judge([FOUND], [waiver(), narrow], today=TODAY).accepted == [(FOUND, waiver())]


def test_each_of_the_projects_waivers_has_an_end_within_two_years() -> None:
    assert all(found.until <= date(2028, 12, 31) for found in read_waivers(WAIVERS))
