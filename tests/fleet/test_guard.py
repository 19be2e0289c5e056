"""What the guard refuses of a plan, and what is said of one without its values."""

from __future__ import annotations

from typing import Any

import pytest

from facts.stateful import STATEFUL
from fleet.rollout.guard import refusals, summary

TABLE = "aws_dynamodb_table.t"


def plan(address: str, *actions: str, before: Any = None, after: Any = None) -> dict[str, Any]:
    change = {"actions": list(actions), "before": before, "after": after}
    return {"resource_changes": [{"address": address, "type": address.partition(".")[0], "change": change}]}


def refused(document: dict[str, Any], *may_destroy: str) -> list[str]:
    return [str(refusal) for refusal in refusals(document, may_destroy)]


@pytest.mark.parametrize("kind", STATEFUL)
def test_what_holds_data_is_not_deleted(kind: str) -> None:
    assert refused(plan(f"{kind}.x", "delete")) == [f"{kind}.x: delete loses {STATEFUL[kind]}"]


@pytest.mark.parametrize(
    "kind",
    [
        "aws_cognito_user_pool",
        "aws_dynamodb_table",
        "aws_kms_key",
        "aws_rds_cluster",
        "aws_s3_bucket",
        "aws_secretsmanager_secret",
        "aws_vpc",
    ],
)
def test_these_hold_data(kind: str) -> None:
    assert kind in STATEFUL


@pytest.mark.parametrize("actions", [("delete", "create"), ("create", "delete")])
def test_nor_is_it_replaced_in_either_order(actions: tuple[str, ...]) -> None:
    assert refused(plan(TABLE, *actions)) == [f"{TABLE}: replace loses its items"]


def test_what_is_left_of_a_replacement_is_not_deleted_either() -> None:
    document = plan(TABLE, "delete")
    document["resource_changes"][0]["deposed"] = "0123abcd"
    assert refused(document) == [f"{TABLE}: delete loses its items"]


@pytest.mark.parametrize("actions", [("create",), ("update",), ("no-op",), ("read",), ("forget",)])
def test_other_changes_pass(actions: tuple[str, ...]) -> None:
    assert refused(plan(TABLE, *actions)) == []


def test_what_holds_no_data_may_be_replaced() -> None:
    assert refused(plan("aws_iam_role.r", "delete", "create")) == []


def test_what_the_release_names_may_be_replaced_and_nothing_else() -> None:
    assert refused(plan(TABLE, "delete"), TABLE) == []
    assert refused(plan(f"{TABLE}2", "delete"), TABLE) == [f"{TABLE}2: delete loses its items"]


def test_a_summary_counts_and_has_no_value() -> None:
    document: dict[str, Any] = {
        "resource_changes": [
            *plan("aws_iam_role.a", "create", after={"name": "a"})["resource_changes"],
            *plan("aws_iam_role.b", "delete", "create")["resource_changes"],
            *plan(TABLE, "update", before={"x": 1, "y": 1}, after={"x": 2, "y": 1})["resource_changes"],
            *plan("aws_iam_role.c", "no-op")["resource_changes"],
        ],
        "output_changes": {"o": {"actions": ["create"], "before": None, "after": "v"}},
    }
    found = summary(document)
    assert dict(found.counts) == {"create": 2, "update": 1, "replace": 1}
    document["resource_changes"][2]["change"]["after"]["x"] = 3
    assert summary(document) == found
    document["resource_changes"][2]["change"]["after"]["y"] = 3
    assert summary(document).digest != found.digest


def test_the_order_of_a_plan_makes_no_difference() -> None:
    changes = [
        *plan("aws_iam_role.a", "create")["resource_changes"],
        *plan(TABLE, "create")["resource_changes"],
    ]
    assert summary({"resource_changes": changes}) == summary({"resource_changes": changes[::-1]})
