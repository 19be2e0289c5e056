"""What one tenant may cost a month before somebody hears of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from cdktf_cdktf_provider_aws.budgets_budget import (
    BudgetsBudget,
    BudgetsBudgetCostFilter,
    BudgetsBudgetNotification,
)

from constructs import Construct

COST_TAG: Final = "cost_center"
"""On all that is a tenant's; the payer of the account must have activated it for cost allocation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantBudgetProps:
    """Whose costs are watched, and who hears of them.

    Attributes:
        name: physical name.
        tenant: whose costs, by the tag `cost_center`.
        dollars: a month, in US dollars.
        topic_arn: of the SNS topic that is told.
        tags: of the budget, beyond the provider's.
    """

    name: str
    tenant: str
    dollars: int
    topic_arn: str
    tags: Mapping[str, str] = field(default_factory=dict)


class TenantBudget(BudgetsBudget):
    """A monthly budget that tells when the tenant's costs are above it, or are going to be.

    A filter by tag is written `user:{key}${value}`
    (https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/budgets_budget). Budgets are updated
    a few times a day (https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-managing-costs.html, read
    2026-11-27).
    """

    def __init__(self, scope: Construct, id: str, props: TenantBudgetProps) -> None:
        super().__init__(
            scope,
            id,
            name=props.name,
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=str(props.dollars),
            limit_unit="USD",
            cost_filter=[
                BudgetsBudgetCostFilter(name="TagKeyValue", values=[f"user:{COST_TAG}${props.tenant}"])
            ],
            notification=[_above(kind, props.topic_arn) for kind in ("ACTUAL", "FORECASTED")],
            tags=dict(props.tags) or None,
        )


def _above(kind: Literal["ACTUAL", "FORECASTED"], topic_arn: str) -> BudgetsBudgetNotification:
    return BudgetsBudgetNotification(
        notification_type=kind,
        comparison_operator="GREATER_THAN",
        threshold=100,
        threshold_type="PERCENTAGE",
        subscriber_sns_topic_arns=[topic_arn],
    )
