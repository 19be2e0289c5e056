"""What is missing is said in a line each, and nothing is where nothing is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from terraform.errors import TerraformError
from tools import doctor, picture
from tools.browser import NAMES, NoBrowserError, find_browser


def missing_terraform() -> object:
    raise TerraformError("no Terraform")


def missing_browser() -> object:
    raise NoBrowserError("no browser")


def test_all_that_is_missing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main((missing_terraform, missing_browser)) == 2
    assert capsys.readouterr().err == "no Terraform\nno browser\n"


def test_nothing_is_said_where_nothing_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor.main((lambda: "found",)) == 0
    assert capsys.readouterr() == ("", "")


def test_the_tests_need_a_browser() -> None:
    assert find_browser in doctor.NEEDS


@pytest.mark.parametrize("name", NAMES)
def test_chromium_or_chrome_is_a_browser(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    executable = tmp_path / name
    executable.write_text("#!/bin/sh\n")
    executable.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_browser() == str(executable)


def test_without_a_browser_one_line_says_how_to_get_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    page = tmp_path / "page.html"
    page.touch()
    assert picture.main(["--page", str(page), "--output", str(tmp_path / "x.png")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line == (
        "picture: no Chromium on PATH: the page's tests need one; `apt-get install -y chromium`, or Chrome"
    )
    assert not (tmp_path / "x.png").exists()


def test_a_picture_of_no_page_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert picture.main(["--page", str(tmp_path / "none.html")]) == 2
    assert capsys.readouterr().err == (
        f"picture: {tmp_path / 'none.html'}: received no such file, expected a page; run `make page`\n"
    )
