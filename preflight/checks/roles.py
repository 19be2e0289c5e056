"""Service-linked roles: AWS makes them at the first use, and the first use of some fails for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from preflight.deployment import Deployment
from preflight.findings import Finding, warns

SERVICE_LINKED: Final = {
    "aws_appautoscaling_target": (
        "AWSServiceRoleForApplicationAutoScaling_ECSService",
        "ecs.application-autoscaling.amazonaws.com",
    ),
    "aws_dynamodb_contributor_insights": (
        "AWSServiceRoleForDynamoDBCloudWatchContributorInsights",
        "contributorinsights.dynamodb.amazonaws.com",
    ),
    "aws_ecs_cluster": ("AWSServiceRoleForECS", "ecs.amazonaws.com"),
    "aws_lb": ("AWSServiceRoleForElasticLoadBalancing", "elasticloadbalancing.amazonaws.com"),
    "aws_rds_cluster": ("AWSServiceRoleForRDS", "rds.amazonaws.com"),
    "aws_wafv2_web_acl_logging_configuration": ("AWSServiceRoleForWAFV2Logging", "wafv2.amazonaws.com"),
}
"""Role and service by the type of resource that uses it
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html)."""


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find the roles that are missing.

    AWS creates them where the caller may, and ECS can fail once until its own is known everywhere
    (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using-service-linked-roles.html).
    """
    for role, service in _needed(deployment):
        path = f"/aws-service-role/{service}/"
        if not any(deployment.account.pages("iam", "list_roles", "Roles", PathPrefix=path)):
            yield warns(
                f"the account has no {role}; the first deployment creates it, and may have to be run again.",
                f"aws iam create-service-linked-role --aws-service-name {service}",
            )


def seen(deployment: Deployment) -> str:
    """Say which there are."""
    return ", ".join(role for role, _ in _needed(deployment)) or "none is needed"


def _needed(deployment: Deployment) -> list[tuple[str, str]]:
    return sorted(
        {
            known
            for kind, known in SERVICE_LINKED.items()
            if any(stack.count(kind) for stack in deployment.stacks)
        }
    )
