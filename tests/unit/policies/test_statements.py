"""Policy documents: pure, sorted, and refused when they are no policy."""

from __future__ import annotations

import json

import pytest

from policies.conditions import principal_tagged
from policies.statements import (
    EVERYONE,
    Condition,
    Principal,
    Statement,
    policy_document,
    service_trust,
)


def test_a_document_is_sorted_whatever_the_order_it_was_written_in() -> None:
    one = Statement(
        sid="A",
        actions=("s3:PutObject", "s3:GetObject"),
        resources=("b", "a"),
        principal=Principal(kind="AWS", identifiers=("y", "x")),
        conditions=(
            Condition(operator="StringEquals", key="k2", values=("2", "1")),
            Condition(operator="Bool", key="k", values=("true",)),
            Condition(operator="StringEquals", key="k1", values=("1",)),
        ),
    )
    other = Statement(
        sid="A",
        actions=("s3:GetObject", "s3:PutObject"),
        resources=("a", "b"),
        principal=Principal(kind="AWS", identifiers=("x", "y")),
        conditions=tuple(reversed(one.conditions)),
    )
    assert policy_document([one]) == policy_document([other])
    assert json.loads(policy_document([one])) == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "A",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:PutObject"],
                "Resource": ["a", "b"],
                "Principal": {"AWS": ["x", "y"]},
                "Condition": {"Bool": {"k": ["true"]}, "StringEquals": {"k1": ["1"], "k2": ["1", "2"]}},
            }
        ],
    }


def test_a_document_does_not_depend_on_how_far_cdktf_has_counted() -> None:
    """`TOKEN.99` and `TOKEN.100` sort otherwise than `TOKEN.100` and `TOKEN.101`."""

    def document(first: int) -> str:
        tokens = [f"${{TfToken[TOKEN.{first + index}]}}" for index in range(3)]
        statement = Statement(
            sid="A",
            actions=("kms:Decrypt",),
            resources=(f"{tokens[2]}/*", tokens[2]),
            principal=Principal(kind="AWS", identifiers=(tokens[0], tokens[1])),
            conditions=(Condition(operator="ArnEquals", key="k", values=(tokens[0], "a", tokens[1])),),
        )
        text = policy_document([statement])
        for index, token in enumerate(tokens):
            text = text.replace(token, f"<{index}>")
        return text

    assert document(8) == document(9) == document(99) == document(1000)
    (statement,) = json.loads(document(9))["Statement"]
    assert statement["Resource"] == ["<2>", "<2>/*"]
    assert statement["Principal"] == {"AWS": ["<0>", "<1>"]}
    assert statement["Condition"] == {"ArnEquals": {"k": ["<0>", "<1>", "a"]}}


def test_everyone_is_written_as_aws_reads_it_back() -> None:
    statement = Statement(sid="A", effect="Deny", actions=("s3:*",), resources=("*",), principal=EVERYONE)
    assert statement.rendered()["Principal"] == {"AWS": "*"}


def test_a_sid_that_stands_twice_and_an_empty_policy_are_refused() -> None:
    statement = Statement(sid="A", actions=("s3:GetObject",), resources=("*",))
    with pytest.raises(ValueError, match="received the sids \\['A', 'A'\\], expected one or more, each once"):
        policy_document([statement, statement])
    with pytest.raises(ValueError, match="received the sids \\[\\]"):
        policy_document([])


def test_two_conditions_of_one_operator_and_key_are_refused() -> None:
    """The second would silently replace the first."""
    statement = Statement(
        sid="A",
        actions=("a:b",),
        resources=("*",),
        conditions=(principal_tagged("TenantId", "a"), principal_tagged("TenantId", "b")),
    )
    with pytest.raises(ValueError, match="StringEquals aws:PrincipalTag/TenantId is given twice"):
        statement.rendered()


def test_a_trust_policy_admits_one_service() -> None:
    condition = Condition(operator="StringEquals", key="k", values=("v",))
    statement = {
        "Sid": "ServiceAssumesRole",
        "Effect": "Allow",
        "Principal": {"Service": ["x.amazonaws.com"]},
        "Action": ["sts:AssumeRole"],
    }
    for trust, expected in (
        (service_trust("x.amazonaws.com"), statement),
        (
            service_trust("x.amazonaws.com", conditions=(condition,)),
            {**statement, "Condition": {"StringEquals": {"k": ["v"]}}},
        ),
    ):
        document = json.loads(trust)
        assert document == {"Version": "2012-10-17", "Statement": [expected]}
        assert trust == json.dumps(document, sort_keys=True)
