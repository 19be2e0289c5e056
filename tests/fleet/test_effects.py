"""What a changed argument does to its resource, as the provider says, and what is lost by it."""

from __future__ import annotations

import pytest

from facts.replacement import REPLACED
from facts.stateful import STATEFUL
from fleet.comparison.changes import Action, Effect
from tests.deployment.deploying import STATEFUL as STATEFUL_IN_DEPLOYMENTS
from tests.fleet.documents import KEY, Folder, between, of_argument, silos, stack


def test_what_has_no_order_is_compared_without_one() -> None:
    kind = "aws_lambda_function"
    before, after = ({"vpc_config": {"subnet_ids": ids}} for ids in (["a", "b"], ["b", "a"]))
    assert of_argument(kind, before, after) == []
    assert of_argument(kind, {"depends_on": ["a", "b"]}, {"depends_on": ["b", "a"]}) == []
    assert of_argument(kind, {"layers": ["a", "b"]}, {"layers": ["b", "a"]}) != []


@pytest.mark.parametrize(
    ("kind", "argument", "effect"),
    [
        ("aws_s3_bucket", "bucket", Effect.REPLACE),
        ("aws_dynamodb_table", "hash_key", Effect.REPLACE),
        ("aws_vpc", "cidr_block", Effect.REPLACE),
        ("aws_kms_key", "policy", Effect.IN_PLACE),
        ("aws_lambda_function", "memory_size", Effect.IN_PLACE),
        ("aws_lambda_function", "function_name", Effect.REPLACE),
        ("aws_lambda_function", "depends_on", Effect.NONE),
        ("aws_kms_key", "lifecycle.prevent_destroy", Effect.NONE),
        ("aws_kms_key", "tags.Team", Effect.IN_PLACE),
        ("aws_kms_key", "an_argument_of_tomorrow", Effect.UNKNOWN),
        ("aws_type_of_tomorrow", "name", Effect.UNKNOWN),
    ],
)
def test_what_a_changed_argument_does_to_its_resource(kind: str, argument: str, effect: Effect) -> None:
    first, _, second = argument.partition(".")
    before, after = ({first: {second: value} if second else value} for value in ("x", "y"))
    (found,) = of_argument(kind, before, after)
    assert found.effect is effect


def test_what_a_replaced_or_removed_resource_held_is_lost() -> None:
    (found,) = of_argument("aws_s3_bucket", {"bucket": "a"}, {"bucket": "b"})
    assert found.loses == "its objects"
    (found,) = of_argument("aws_s3_bucket", {"force_destroy": True}, {"force_destroy": False})
    assert found.loses is None
    (found,) = between(stack({KEY: {"r": {}}}), stack({}))
    assert (found.action, found.loses) == (Action.REMOVE, "all that was encrypted with it")
    (found,) = between(stack({}), stack({KEY: {"r": {}}}))
    assert found.loses is None


def test_what_deployments_find_stateful_is() -> None:
    assert set(STATEFUL) >= STATEFUL_IN_DEPLOYMENTS
    assert {"aws_vpc", "aws_secretsmanager_secret_version"} <= set(STATEFUL)


def test_it_is_known_what_replaces_each_type_that_holds_data() -> None:
    used = set(STATEFUL) & set(REPLACED)
    assert {"aws_s3_bucket", "aws_kms_key", "aws_dynamodb_table", "aws_rds_cluster", "aws_vpc"} <= used


@pytest.mark.parametrize(
    ("argument", "before", "after", "unprotects"),
    [
        ("force_destroy", False, True, True),
        ("force_destroy", None, True, True),
        ("force_destroy", True, False, False),
        ("deletion_protection_enabled", True, False, True),
        ("deletion_protection", "ACTIVE", "INACTIVE", True),
        ("deletion_protection", "INACTIVE", "ACTIVE", False),
        ("deletion_protection", False, None, False),
        ("enable_deletion_protection", True, None, True),
        ("skip_final_snapshot", False, True, True),
        ("bucket", "a", "b", False),
    ],
)
def test_a_protection_that_is_lifted_is_said(
    argument: str, before: object, after: object, unprotects: bool
) -> None:
    (found,) = of_argument("aws_s3_bucket", {argument: before}, {argument: after})
    assert found.unprotects is unprotects


def test_an_end_to_prevent_destroy_is_said_first(folder: Folder) -> None:
    before = silos("a", "b", lifecycle={"prevent_destroy": True})
    _, first, *_ = folder.text(before, silos("a", "b")).split("\n\n")
    line = "  2 silos: aws_kms_key.key lifecycle.prevent_destroy: a protection against deletion is lifted"
    assert first.splitlines()[1:] == [line]


def test_a_load_balancer_that_is_replaced_is_nobody_s_own(folder: Folder) -> None:
    before, after = ({"shared-platform-test": stack({"aws_lb": {"lb": {"name": name}}})} for name in "ab")
    (loss,) = folder.report(before, after).losses
    assert (loss.change.address, loss.tenant) == ("aws_lb.lb", None)
