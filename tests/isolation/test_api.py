"""`prove` and `can`, as the page shows them."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import isolation
from tests.isolation.holes.editing import RETAIL, allow, retail_policy
from tests.isolation.stacks import documents, written

PAGE = (Path(__file__).parents[2] / "docs" / "isolation.md").read_text()


def test_the_examples_of_the_page_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    written(tmp_path / "cdktf.out", documents())
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(example, names)
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test()


def test_prove_takes_documents_and_finds_what_is_wrong() -> None:
    stacks = documents()
    allow(retail_policy(stacks), "dynamodb:GetItem")
    report = isolation.prove(stacks)
    assert report.verdict == "VIOLATED"
    assert {finding.type.id for finding in report.all_findings()} == {"ISO-101"}


@pytest.mark.parametrize("switch", [gc.disable, gc.enable])
def test_prove_leaves_the_collector_of_cycles_as_it_was(switch: Callable[[], None]) -> None:
    try:
        switch()
        before = gc.isenabled()
        isolation.prove(documents())
        assert gc.isenabled() == before
        with pytest.raises(isolation.InputError):
            isolation.prove({"one": {}})
        assert gc.isenabled() == before
    finally:
        gc.enable()


def test_can_tells_by_all_policies_who_may_do_what() -> None:
    stacks = documents()
    roles = stacks[RETAIL]["resource"]["aws_iam_role"]
    role = f"{RETAIL}/aws_iam_role.{next(name for name in roles if name.startswith('api'))}"
    key = "arn:aws:s3:::tenant-acme-corp-data-test/a.txt"
    assert not isolation.can(stacks, role, "s3:GetObject", key)
    allow(retail_policy(stacks), "dynamodb:GetItem")
    table = "arn:aws:dynamodb:us-east-1:123456789012:table/x"
    assert isolation.can(stacks, role, "dynamodb:GetItem", table, account="123456789012")
    with pytest.raises(
        isolation.InputError, match="received 'nobody', expected the ARN or address of a role"
    ):
        isolation.can(stacks, "nobody", "s3:GetObject", key)
    with pytest.raises(isolation.InputError, match="received an empty object"):
        isolation.can({"one": {}}, role, "s3:GetObject", key)
