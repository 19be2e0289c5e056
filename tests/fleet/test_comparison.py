"""What differs between two stacks: by meaning, not by how it is written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fleet.comparison.changes import Effect
from tests.fleet.documents import KEY, between, lines, of_argument, policy, stack, statement


@pytest.mark.parametrize(
    "other",
    [
        {"policy": json.dumps({"Statement": [statement()], "Version": "2012-10-17"}, indent=4)},
        policy(statement(Action="kms:Decrypt")),
        policy(statement(Resource="*")),
        policy(statement(Action=["kms:Decrypt", "kms:Decrypt"])),
        {"policy": json.dumps({"Version": "2012-10-17", "Statement": statement()})},
    ],
)
def test_a_policy_that_says_the_same_does_not_differ(other: dict[str, Any]) -> None:
    assert of_argument(KEY, policy(statement()), other) == []


def test_the_order_of_statements_principals_and_values_does_not_matter() -> None:
    one = statement("One", Principal={"AWS": ["a", "b"]}, Condition={"StringEquals": {"k": ["x", "y"]}})
    same = statement("One", Principal={"AWS": ["b", "a"]}, Condition={"StringEquals": {"k": ["y", "x"]}})
    assert of_argument(KEY, policy(one, statement("Two")), policy(statement("Two"), same)) == []


def test_a_statement_that_differs_is_named() -> None:
    before = policy(statement("Use"), statement("Admin", Action="kms:*"))
    after = policy(
        statement("Use", Action=["kms:Decrypt", "kms:Encrypt"]), statement("Admin", Action="kms:*")
    )
    assert lines(of_argument(KEY, before, after)) == [
        'aws_kms_key.r change policy.Statement "Use".Action ["kms:Decrypt"] ["kms:Decrypt", "kms:Encrypt"]'
    ]


def test_statements_without_an_id_or_of_one_id_are_compared_whole() -> None:
    for sid in (None, "Same"):
        before = policy(statement(sid, Resource="a"), statement(sid, Resource="b"))
        after = policy(statement(sid, Resource="b"), statement(sid, Resource="c"))
        found = of_argument(KEY, before, after)
        assert [(one.before, one.after) for one in found] == [('"present"', None), (None, '"present"')]
        assert of_argument(KEY, before, policy(*reversed(json.loads(before["policy"])["Statement"]))) == []


def test_a_deny_that_became_an_allow_is_a_difference() -> None:
    (found,) = of_argument(KEY, policy(statement(Effect="Deny")), policy(statement()))
    assert (found.before, found.after) == ('"Deny"', '"Allow"')


@pytest.mark.parametrize("statements", [["${jsonencode(x)}"], [], "${x}", [{"Sid": "NoEffect"}]])
def test_what_only_looks_like_a_policy_is_json(statements: object) -> None:
    before, after = ({"policy": json.dumps({"Statement": statements, "x": x})} for x in (1, 2))
    (found,) = of_argument(KEY, before, after)
    assert found.argument == "policy.x"


def test_other_json_in_text_is_compared_as_documents() -> None:
    before = {"container_definitions": json.dumps([{"name": "app", "cpu": 1, "command": ["a", "b"]}])}
    same = {"container_definitions": json.dumps([{"cpu": 1, "command": ["a", "b"], "name": "app"}], indent=1)}
    other = {"container_definitions": json.dumps([{"name": "app", "cpu": 1, "command": ["b", "a"]}])}
    kind = "aws_ecs_task_definition"
    assert of_argument(kind, before, same) == []
    (found,) = of_argument(kind, before, other)
    assert found.argument == "container_definitions[0].command"


def test_null_is_what_is_left_out_and_types_count() -> None:
    assert of_argument(KEY, {"description": None}, {}) == []
    assert lines(of_argument(KEY, {"is_enabled": True}, {"is_enabled": 1})) == [
        "aws_kms_key.r change is_enabled true 1"
    ]


def function(digest: str, place: str = "assets/api/{}/api.zip") -> dict[str, Any]:
    return {"filename": place.format(digest * 64), "source_code_hash": digest, "memory_size": 1}


def test_a_package_is_its_digest() -> None:
    kind = "aws_lambda_function"
    assert lines(of_argument(kind, function("a"), function("b"))) == [
        'aws_lambda_function.r change code "a" "b"'
    ]
    (found,) = of_argument(kind, function("a"), function("a", "assets/other/{}/api.zip"))
    assert (found.argument, found.effect) == ("package.filename", Effect.IN_PLACE)


def test_additions_and_removals_are_whole_resources() -> None:
    before, after = stack({KEY: {"old": {"a": 1}}}), stack({KEY: {"new": {"a": 1}}})
    assert lines(between(before, after)) == [
        "aws_kms_key.new add  None None",
        "aws_kms_key.old remove  None None",
    ]


def test_a_moved_resource_is_neither_added_nor_removed() -> None:
    reader = {"key": "${aws_kms_key.%s.arn}"}
    before = stack({KEY: {"old": {"a": 1}}, "aws_s3_object": {"o": {"key": reader["key"] % "old"}}})
    after = stack(
        {KEY: {"new": {"a": 2}}, "aws_s3_object": {"o": {"key": reader["key"] % "new"}}},
        moved=[{"from": "aws_kms_key.old", "to": "aws_kms_key.new"}],
    )
    assert lines(between(before, after)) == [
        "aws_kms_key.new change a 1 2",
        "aws_kms_key.new move  aws_kms_key.old aws_kms_key.new",
    ]
    # A block of an earlier move, whose resource is there already, says nothing.
    assert between(after, after) == []
