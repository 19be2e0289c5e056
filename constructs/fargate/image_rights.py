"""What the agent that starts tasks may pull."""

from __future__ import annotations

from collections.abc import Sequence

from constructs.common.account import Account
from policies.grantee import Grantee
from policies.statements import Statement
from tenancy.images import EcrRepository


def grant_pull_images(grantee: Grantee, repositories: Sequence[EcrRepository], account: Account) -> None:
    """Let `grantee` pull images from `repositories` in ECR; nothing is needed for those that are elsewhere.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policy-examples.html
    """
    if not repositories:
        return
    arns = {
        f"arn:{account.partition}:ecr:{repository.region}:{repository.account}:repository/{repository.name}"
        for repository in repositories
    }
    grantee.add_to_policy(
        # It takes no resource
        # (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html).
        Statement(sid="LogInToRegistry", actions=("ecr:GetAuthorizationToken",), resources=("*",)),
        Statement(
            sid="PullImage",
            actions=(
                "ecr:BatchCheckLayerAvailability",
                "ecr:BatchGetImage",
                "ecr:GetDownloadUrlForLayer",
            ),
            resources=tuple(sorted(arns)),
        ),
    )
