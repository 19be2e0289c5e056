"""What the registry says of an environment's delivery: whether AWS rolls releases out, and with what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from pydantic import Field

from config import formats
from config.problems import Problem
from config.registry.fields import RegistryEntry
from config.yaml_file import Document, Location

IMAGE: Final = (
    r"^[0-9]{12}\.dkr\.ecr\.[a-z]{2}(-[a-z]+)+-[1-9]\.amazonaws\.com(\.cn)?/"
    r"[a-z0-9]+([._/-][a-z0-9]+)*@sha256:[0-9a-f]{64}$"
)
"""An image of a private registry by its digest
(https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html, read 2026-11-28)."""


class EnvironmentDelivery(RegistryEntry):
    """What the builds of an environment's rollouts run in, and as whom."""

    image: str = Field(
        pattern=IMAGE,
        max_length=formats.IMAGE_LENGTH,
        description="an image of the ECR of the environment's account and region by its digest, "
        "'NUMBER.dkr.ecr.REGION.amazonaws.com/NAME@sha256:...': what each build runs in",
    )
    deployer_role_arn: str = Field(
        pattern=formats.ROLE_ARN,
        description="the ARN of the role of the environment's account that deploys, which CodeBuild may assume",
    )


def delivery_problems(
    document: Document, suffix: str, *, account: str, home: str, delivery: EnvironmentDelivery | None
) -> Iterator[tuple[Location, Problem]]:
    """Yield what is wrong with the delivery of the environment `suffix`.

    Args:
        document: the registry, to name the place.
        suffix: of the environment.
        account: of the environment.
        home: the environment's region.
        delivery: as it is declared; `None` where it is not.
    """
    if delivery is None:
        return
    here: Location = ("environments", suffix, "delivery")
    name = formats.partition(home)
    domain = "amazonaws.com.cn" if name == "aws-cn" else "amazonaws.com"
    for field, own in {
        "image": f"{account}.dkr.ecr.{home}.{domain}/",
        "deployer_role_arn": f"arn:{name}:iam::{account}:role/",
    }.items():
        received = getattr(delivery, field)
        if not re.match(re.escape(own), received):
            location: Location = (*here, field)
            expected = f"one of the environment's account and region, '{own}...'"
            yield location, Problem(where=document.where(location), received=received, expected=expected)
