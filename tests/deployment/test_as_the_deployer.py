"""No deployment test runs as the account's root, without IAM, or without what AWS refuses.

Read from the tests themselves: the emulators that they start, and the environments that their Terraform and their
commands see. Left out are `tests/emulator`, whose roots show one gap each and nothing of the stacks, and `tests/aws`,
which are given an account.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
MARK = "mark.deployment"
REASONS = {
    "deployment/test_packages.py": "Packages are published by whoever owns their bucket, before anything is deployed.",
}
"""Why a file of deployment tests may do otherwise, by its path below `tests/`."""


def deployment_tests() -> dict[str, str]:
    """The text of each file with deployment tests, by its path below `tests/`."""
    texts = {str(path.relative_to(TESTS)): path.read_text() for path in TESTS.rglob("test_*.py")}
    return {
        name: text
        for name, text in texts.items()
        if (MARK in text or name.startswith("deployment/")) and not name.startswith(("aws/", "emulator/"))
    }


def called(node: ast.Call) -> str:
    return ast.unparse(node.func).rpartition(".")[2]


def faults(text: str) -> Iterator[str]:
    """What a file of deployment tests does as somebody who may more than whoever deploys."""
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.Call):
            continue
        named = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
        if called(node) == "Emulator":
            if named.get("auth") != "True":
                yield f"line {node.lineno}: an emulator without IAM"
            # `quotas={}` and a choice of refusals that is not empty refuse more, not less.
            if named.get("refusals") in {"()", "[]"} or "shims" in named:
                yield f"line {node.lineno}: an emulator that refuses nothing"
        if called(node) == "environment" and not node.args:
            yield f"line {node.lineno}: the environment of the account's root"


@pytest.mark.parametrize("name", sorted(deployment_tests()))
def test_deployments_are_made_by_the_deployer_where_aws_refuses(name: str) -> None:
    found = list(faults(deployment_tests()[name]))
    assert bool(found) == (name in REASONS), found


def test_the_files_are_found() -> None:
    assert {
        "deployment/test_failed_invocations.py",
        "deployment/test_mutations.py",
        "deployment/test_on_an_account.py",
        "deployment/test_stateful.py",
        "fleet/test_rollout_on_aws.py",
    } <= set(deployment_tests())


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Emulator()", "line 1: an emulator without IAM"),
        ("server.Emulator(auth=False)", "line 1: an emulator without IAM"),
        ("Emulator(auth=True, refusals=())", "line 1: an emulator that refuses nothing"),
        ("Emulator(auth=True, shims=['aurora'])", "line 1: an emulator that refuses nothing"),
        ("Terraform(emulator.environment())", "line 1: the environment of the account's root"),
        (
            "Rollouts(path=path, environment=emulator.environment())",
            "line 1: the environment of the account's root",
        ),
    ],
)
def test_each_way_to_be_root_is_noticed(text: str, fault: str) -> None:
    assert list(faults(text)) == [fault]
