"""What `docs/security.md` says is met: by a file that is there, held by a test that is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tools.scan.checks import CHECKS

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docs" / "security.md").read_text()

TESTS = sorted(set(re.findall(r"`([a-z_/]+/test_[a-z_]+\.py(?:::test_[a-z0-9_]+)?)`", TEXT)))
FILES = sorted(set(re.findall(r"`((?:constructs|facts|lambda_src|tools)/[a-z_/]+(?:\.py|\.json|/))`", TEXT)))


@pytest.mark.parametrize("test", TESTS)
def test_each_test_is_there(test: str) -> None:
    file, _, name = test.partition("::")
    source = (ROOT / "tests" / "unit" / file).read_text()
    assert not name or re.search(rf"^def {name}\(", source, re.MULTILINE), test


@pytest.mark.parametrize("file", FILES)
def test_each_file_is_there(file: str) -> None:
    assert (ROOT / file).exists()


def test_there_is_much_to_check() -> None:
    assert len(TESTS) > 50
    assert len(FILES) > 20


def test_each_control_is_there_once() -> None:
    table = TEXT.partition("## FSBP and CIS")[2].partition("## Production considerations")[0]
    ids = re.findall(r"^\| ([A-Za-z0-9]+\.\d+)", table, re.MULTILINE)
    assert len(ids) == len(set(ids))


def test_each_check_of_our_own_is_described() -> None:
    spans = re.findall(r"\| (?:(?:IAM|INT)-\d+(?: to |, )?)+ \|", TEXT)
    described = set()
    for span in spans:
        numbers = [int(number) for number in re.findall(r"-(\d+)", span)]
        kind = "IAM" if "IAM" in span else "INT"
        described |= {f"{kind}-{number}" for number in range(min(numbers), max(numbers) + 1)}
    assert described == set(CHECKS)
