"""Where a container image is, read from its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

_ECR: Final = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?/(?P<repository>[^:@]+)([:@].+)?"
)
"""https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html"""


@dataclass(frozen=True, slots=True, kw_only=True)
class EcrRepository:
    """A private repository of Amazon ECR.

    Attributes:
        account: whose it is.
        region: where it is.
        name: as the registry knows it.
    """

    account: str
    region: str
    name: str


def ecr_repository(image: str) -> EcrRepository | None:
    """Return the ECR repository that `image` is pulled from, or `None` where it comes from another registry."""
    found = _ECR.fullmatch(image)
    if not found:
        return None
    return EcrRepository(account=found["account"], region=found["region"], name=found["repository"])
