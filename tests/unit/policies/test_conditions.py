"""Conditions that several policies ask for."""

from __future__ import annotations

from policies.conditions import (
    from_source,
    of_account,
    principal_has_tag,
    principal_not_tagged,
    principal_tagged,
    through_services,
)
from policies.statements import Condition

ACCOUNT = "123456789012"


def block(*conditions: Condition) -> dict[str, dict[str, tuple[str, ...]]]:
    return {condition.operator: {condition.key: condition.values} for condition in conditions}


def test_a_principal_with_or_without_a_tag() -> None:
    assert block(principal_tagged("TenantId", "acme")) == {
        "StringEquals": {"aws:PrincipalTag/TenantId": ("acme",)}
    }
    assert block(principal_has_tag("tenant_id")) == {"Null": {"aws:PrincipalTag/tenant_id": ("false",)}}
    assert block(principal_not_tagged("tenant_id", "acme")) == {
        "StringNotEquals": {"aws:PrincipalTag/tenant_id": ("acme",)}
    }


def test_a_principal_of_the_account() -> None:
    assert block(of_account(ACCOUNT)) == {"StringEquals": {"aws:PrincipalAccount": (ACCOUNT,)}}


def test_a_service_acts_for_one_resource_of_this_account() -> None:
    arn = f"arn:aws:events:us-east-1:{ACCOUNT}:rule/signup"
    assert block(*from_source(ACCOUNT, arn)) == {
        "ArnEquals": {"aws:SourceArn": (arn,)},
        "StringEquals": {"aws:SourceAccount": (ACCOUNT,)},
    }


def test_a_pattern_of_resources_is_compared_as_one() -> None:
    """`ArnEquals` reads a star as a pattern as well; `ArnLike` says so to the reader."""
    source, account = from_source(ACCOUNT, f"arn:aws:ecs:us-east-1:{ACCOUNT}:*")
    assert source.operator == "ArnLike"
    assert account.values == (ACCOUNT,)


def test_kms_is_asked_through_services_of_one_region() -> None:
    assert block(through_services("eu-west-1", "s3", "lambda")) == {
        "StringEquals": {"kms:ViaService": ("s3.eu-west-1.amazonaws.com", "lambda.eu-west-1.amazonaws.com")}
    }
