"""Rights on what tells somebody: alarms, dashboards and budgets."""

from __future__ import annotations

from typing import Final

from deployer.place import ANY, Place
from deployer.rights import Right, Table, in_region
from tenancy.names.environment import EnvironmentNames


def _budget(place: Place) -> tuple[Right, ...]:
    """Budgets by their names' pattern; they are of the account and of no region.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbudgetservice.html (read 2026-11-27)
    """
    environment = EnvironmentNames(suffix=place.suffix)
    # None is so long that it is cut: a budget's name has 100 characters.
    names = [of.budget.replace(ANY, "*") for of in (environment.silo(ANY), environment.fargate_tenant(ANY))]
    actions = (
        "budgets:ListTagsForResource",
        "budgets:ModifyBudget",
        "budgets:TagResource",
        "budgets:UntagResource",
        "budgets:ViewBudget",
    )
    budgets = tuple(f"arn:{place.partition}:budgets::{place.account}:budget/{name}" for name in names)
    return (Right(actions=actions, resources=budgets),)


def _alarm(place: Place) -> tuple[Right, ...]:
    """Alarms by their names' pattern: whatever is watched, they end in the environment's suffix.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html (read 2026-11-27)
    """
    environment = EnvironmentNames(suffix=place.suffix)
    # None is so long that it is cut: CloudWatch takes 255 characters.
    names = [
        of.alarm(ANY).replace(ANY, "*")
        for of in (
            environment.silo(ANY),
            environment.fargate_tenant(ANY),
            environment.platform,
            place.delivery,
        )
    ]
    actions = (
        "cloudwatch:DeleteAlarms",
        "cloudwatch:ListTagsForResource",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:UntagResource",
    )
    return (
        Right(actions=actions, resources=place.arns("cloudwatch", "alarm:", *names)),
        # A list: AWS asks it on all alarms, whichever are named
        # (https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html, read 2026-11-27).
        Right(actions=("cloudwatch:DescribeAlarms",), conditions=(in_region(place),)),
    )


def _dashboard(place: Place) -> tuple[Right, ...]:
    """Dashboards, whose ARNs have no region."""
    names = (
        *place.silo(lambda n: n.dashboard),
        *place.fargate(lambda n: n.dashboard),
        place.platform.dashboard,
    )
    arns = tuple(f"arn:{place.partition}:cloudwatch::{place.account}:dashboard/{name}" for name in names)
    actions = ("cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard")
    return (Right(actions=actions, resources=arns),)


ROWS: Final[Table] = {
    "aws_budgets_budget": _budget,
    "aws_cloudwatch_dashboard": _dashboard,
    "aws_cloudwatch_metric_alarm": _alarm,
}
"""By Terraform type."""
