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


CONSIDERATIONS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.partition("## Production considerations")[2].splitlines()
    if line.startswith("| ") and not line.startswith(("| consideration", "| ---"))
]
UNTESTED = {"reservations": "no resource of a stack"}
"""Rows that no test can hold, with what the table says instead."""


def test_each_production_consideration_is_held_by_a_test_or_says_why_not() -> None:
    rows = {row[0]: row[2] for row in CONSIDERATIONS}
    assert len(rows) == len(CONSIDERATIONS)
    assert {
        name: said for name, said in rows.items() if not set(re.findall("`([^`]+)`", said)) & set(TESTS)
    } == UNTESTED
    assert all("::" in test for said in rows.values() for test in re.findall("`([^`]+)`", said))


@pytest.mark.parametrize(
    "asked",
    [
        "deletion protection",
        "encryption",
        "keys for secrets",
        "a schema per tenant",
        "TLS",
        "web application firewall",
        "replicas",
        "minimum counts",
        "another region",
        "enhanced monitoring",
        "alarms",
        "tracing",
        "private DNS",
        "endpoints",
        "HTTPS",
        "sizing",
        "reservations",
        "allocation tags",
        "lifecycle",
    ],
)
def test_what_a_review_asks_for_is_in_the_table(asked: str) -> None:
    assert [row for row in CONSIDERATIONS if asked in row[0]]


def test_each_check_of_our_own_is_described() -> None:
    spans = re.findall(r"\| (?:(?:IAM|INT)-\d+(?: to |, )?)+ \|", TEXT)
    described = set()
    for span in spans:
        numbers = [int(number) for number in re.findall(r"-(\d+)", span)]
        kind = "IAM" if "IAM" in span else "INT"
        described |= {f"{kind}-{number}" for number in range(min(numbers), max(numbers) + 1)}
    assert described == set(CHECKS)
