"""Which tenants have a budget, of which figure, in which stack."""

from __future__ import annotations

from typing import Any

from tests.synthesis import ACCOUNT, IMAGE, PRODUCTION, Synthesis, synthesize

BUDGET = "aws_budgets_budget"
SILO = {"cidr": "10.1.0.0/16"}


def budgets(registry: dict[str, Any], **variables: str) -> dict[str, list[tuple[str, str, str]]]:
    """Name, limit and filter of each budget, by stack."""
    found: Synthesis = synthesize(registry, **variables)
    return {
        id_: [
            (body["name"], body["limit_amount"], body["cost_filter"][0]["values"][0])
            for body in stack.all(BUDGET).values()
        ]
        for id_, stack in found.stacks.items()
    }


def registry(of_environment: int | None, region: str = "us-east-1", partition: str = "aws") -> dict[str, Any]:
    entry = {
        "profile": "production",
        "account": ACCOUNT,
        "region": region,
        "state_keys": "stack",
        "image_registries": ["public.ecr.aws"],
        "alarm_topic_arn": f"arn:{partition}:sns:{region}:{ACCOUNT}:pager",
        "monthly_budget_usd": of_environment,
    }
    return {
        "created_at": "2026-01-01T00:00:00Z",
        "platform": {},
        "environments": {"test": entry},
        "tenants": {
            "both": {"silo": SILO, "fargate": {"listener_priority": 1, "image": IMAGE}},
            "own": {"monthly_budget_usd": 70, "fargate": {"listener_priority": 2, "image": IMAGE}},
        },
    }


def test_a_tenant_has_one_budget_its_own_or_the_environments() -> None:
    """One that is in a silo and on the platform has it in the silo's stack: the tag counts both."""
    assert budgets(registry(500), **PRODUCTION) == {
        "tenant-both-test": [("tenant-both-budget-test", "500", "user:cost_center$both")],
        "shared-platform-test": [("saas-platform-own-budget-test", "70", "user:cost_center$own")],
    }
    assert budgets(registry(None), **PRODUCTION) == {
        "tenant-both-test": [],
        "shared-platform-test": [("saas-platform-own-budget-test", "70", "user:cost_center$own")],
    }


def test_where_nobody_hears_of_it_there_is_no_budget() -> None:
    given = registry(500)
    given["environments"] = {}
    assert budgets(given) == {"tenant-both-test": [], "shared-platform-test": []}


def test_govcloud_has_no_budgets() -> None:
    given = registry(500, region="us-gov-west-1", partition="aws-us-gov")
    del given["tenants"]["own"], given["tenants"]["both"]["fargate"], given["platform"]
    variables = {
        **PRODUCTION,
        "AWS_REGION": "us-gov-west-1",
        "KEY_ADMINISTRATOR_ARNS": f"arn:aws-us-gov:iam::{ACCOUNT}:role/deployer",
    }
    assert budgets(given, **variables) == {"tenant-both-test": []}
