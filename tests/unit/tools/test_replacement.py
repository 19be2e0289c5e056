"""What is asked of the provider about its arguments, and that the facts are of the stacks as they are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from facts.replacement import PROVIDER, REPLACED, SETS, UPDATED
from tenancy.versions import AWS_PROVIDER
from tools.replacement.__main__ import rendered
from tools.replacement.probes import _places, _plain
from tools.replacement.question import other
from tools.replacement.schema import attribute, sets_of, state_of

SNAPSHOTS = Path(__file__).resolve().parents[2] / "snapshots"
BLOCK: dict[str, Any] = {
    "attributes": {
        "name": {"type": "string"},
        "subnets": {"type": ["set", "string"]},
        "tags": {"type": ["map", "string"]},
    },
    "block_types": {
        "config": {
            "nesting_mode": "list",
            "block": {"attributes": {"ids": {"type": ["list", "string"]}}},
        },
        "rule": {"nesting_mode": "set", "block": {"attributes": {"port": {"type": "number"}}}},
        "alone": {"nesting_mode": "single", "block": {"attributes": {"x": {"type": "number"}}}},
    },
}


def test_the_facts_are_of_the_provider_that_is_used() -> None:
    assert PROVIDER == AWS_PROVIDER, "run `python -m tools.replacement`"


def test_the_facts_know_each_type_of_the_stacks() -> None:
    used = {kind for file in SNAPSHOTS.glob("*.json") for kind in json.loads(file.read_text())["resource"]}
    assert used - set(REPLACED) == set(), "run `python -m tools.replacement`"


def test_an_argument_replaces_or_is_updated() -> None:
    assert not [kind for kind in REPLACED if REPLACED[kind] & UPDATED[kind]]
    assert {"aws_lambda_function.vpc_config.subnet_ids", "aws_security_group.ingress"} <= SETS


@pytest.mark.parametrize(
    ("value", "expected"), [(True, False), (1, 2), ("a", "ax"), (["a"], []), ([], ["another"])]
)
def test_another_value_is_of_the_same_type(value: object, expected: object) -> None:
    assert other(value) == expected
    assert type(other(value)) is type(value)


def test_references_become_values_of_their_form() -> None:
    assert _plain({"a": ["${aws_vpc.v.id}"], "b": "${aws_kms_key.k.arn}", "c": 1}) == {
        "a": ["id-0123456789abcdef0"],
        "b": "arn:aws:iam::123456789012:role/plain",
        "c": 1,
    }


def test_each_place_that_can_be_changed_is_one() -> None:
    body = {
        "name": "a",
        "tags": {"k": "v"},
        "config": {"ids": ["x"]},
        "rule": [{"port": 1}, {"port": 2}],
        "e": {},
    }
    assert list(_places((), body)) == [("name",), ("tags", "k"), ("config", "ids"), ("rule", 0, "port")]


def test_a_state_has_each_attribute_and_blocks_as_lists() -> None:
    body = {"name": "a", "config": {"ids": ["x"]}, "rule": [{"port": 1}], "alone": {"x": 1}}
    assert state_of(body, BLOCK) == {
        "name": "a",
        "subnets": None,
        "tags": None,
        "config": [{"ids": ["x"]}],
        "rule": [{"port": 1}],
        "alone": {"x": 1},
    }


def test_what_is_in_an_attribute_is_part_of_its_value() -> None:
    assert attribute(BLOCK, ["tags", "k"]) == "tags"
    assert attribute(BLOCK, ["config", "ids"]) == "config.ids"
    assert attribute(BLOCK, ["config"]) == "config"


def test_attributes_and_blocks_without_an_order_are_found() -> None:
    assert list(sets_of(BLOCK, "aws_x")) == ["aws_x.subnets", "aws_x.rule"]


def test_the_facts_are_written_the_same_every_time() -> None:
    answers = {"aws_b": {"z": "update", "a": "replace"}, "aws_a": {}}
    text = rendered(answers, ["s", "r"])
    assert json.loads(text) == {
        "provider": AWS_PROVIDER,
        "sets": ["r", "s"],
        "types": {"aws_a": {"replace": [], "update": []}, "aws_b": {"replace": ["a"], "update": ["z"]}},
    }
    assert text == rendered(dict(reversed(answers.items())), ["r", "s"])
