"""What one tenant may cost a month before somebody hears of it."""

from __future__ import annotations

from constructs.common.budget import TenantBudget, TenantBudgetProps
from tests.construct import Surroundings, alone

TOPIC = "arn:aws:sns:eu-west-1:123456789012:pager"


def test_costs_of_the_tenants_tag_are_told_when_they_are_above_or_going_to_be() -> None:
    def build(around: Surroundings) -> None:
        props = TenantBudgetProps(
            name="a-budget", tenant="acme-corp", dollars=120, topic_arn=TOPIC, tags={"tenant_id": "acme-corp"}
        )
        TenantBudget(around.stack, "budget", props)

    above = {
        "comparison_operator": "GREATER_THAN",
        "threshold": 100,
        "threshold_type": "PERCENTAGE",
        "subscriber_sns_topic_arns": [TOPIC],
    }
    assert alone(build).one("aws_budgets_budget") == {
        "name": "a-budget",
        "budget_type": "COST",
        "time_unit": "MONTHLY",
        "limit_amount": "120",
        "limit_unit": "USD",
        "cost_filter": [{"name": "TagKeyValue", "values": ["user:cost_center$acme-corp"]}],
        "notification": [
            {**above, "notification_type": "ACTUAL"},
            {**above, "notification_type": "FORECASTED"},
        ],
        "tags": {"tenant_id": "acme-corp"},
    }
