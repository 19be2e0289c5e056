"""Where the policies apply: one account, region and environment, and the ARN patterns of what is in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from config.registry.fields import TENANT_ID_LENGTH
from tenancy.names.delivery import DeliveryNames
from tenancy.names.environment import EnvironmentNames
from tenancy.names.fargate import FargateTenantNames
from tenancy.names.platform import PlatformNames
from tenancy.names.silo import SiloNames

ANY: Final = "zqz"
"""A tenant id that stands for any: no name holds it otherwise, and it is replaced by `*`."""
HASH: Final = "?" * 8
"""What a name that was cut ends in (`tenancy.names.limits.fitted`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One environment in one account and region.

    Attributes:
        account: 12 digits.
        region: such as `us-east-1`.
        suffix: of the environment; no hyphen.
        partition: `aws`, or that of a region apart.
        state_bucket: bucket of Terraform's state; `None` where the state is a local file.
        package_bucket: bucket that functions take their code from; `None` where it is uploaded with each stack.
        deployer: name of the role that deploys.
        own: patterns of the ids of stacks of the user's own.
    """

    account: str
    region: str
    suffix: str
    partition: str = "aws"
    state_bucket: str | None = None
    package_bucket: str | None = None
    deployer: str = "deployer"
    own: tuple[str, ...] = ()

    @property
    def platform(self) -> PlatformNames:
        """The names of the shared platform."""
        return EnvironmentNames(suffix=self.suffix).platform

    @property
    def delivery(self) -> DeliveryNames:
        """The names of what rolls releases out."""
        return EnvironmentNames(suffix=self.suffix).delivery(self.account)

    def silo(self, name: Callable[[SiloNames], str]) -> tuple[str, ...]:
        """Return the patterns of the name that `name` takes from every silo tenant's names."""
        return self._patterns(lambda tenant: name(SiloNames(tenant=tenant, suffix=self.suffix)))

    def fargate(self, name: Callable[[FargateTenantNames], str]) -> tuple[str, ...]:
        """Return the patterns of the name that `name` takes from every Fargate tenant's names."""
        return self._patterns(lambda tenant: name(FargateTenantNames(tenant=tenant, suffix=self.suffix)))

    def arn(self, service: str, resource: str) -> str:
        """Return an ARN of this account and region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account}:{resource}"

    def arns(self, service: str, prefix: str, *names: str, suffix: str = "") -> tuple[str, ...]:
        """Return the ARNs of this account and region for `prefix`, each of `names` and `suffix`."""
        return tuple(self.arn(service, f"{prefix}{name}{suffix}") for name in names)

    def roles(self, *names: str) -> tuple[str, ...]:
        """Return the ARNs of the roles with `names`."""
        return tuple(f"arn:{self.partition}:iam::{self.account}:role/{name}" for name in names)

    def buckets(self, *names: str, suffix: str = "") -> tuple[str, ...]:
        """Return the ARNs of the buckets with `names`, or of the objects `suffix` in them."""
        return tuple(f"arn:{self.partition}:s3:::{name}{suffix}" for name in names)

    def _patterns(self, name: Callable[[str], str]) -> tuple[str, ...]:
        """Return the pattern of a name and, where the longest tenant id makes the name too long, that of a cut name.

        A cut name is as long as its service admits, or a character shorter where the cut met a hyphen, and ends in a
        hash: no part of it says which environment it is of.
        """
        whole = name(ANY).replace(ANY, "*")
        longest = "z" * TENANT_ID_LENGTH
        cut = name(longest)
        if cut == whole.replace("*", longest):
            return (whole,)
        head = whole.partition("*")[0]
        rest = len(cut) - len(head) - len(HASH) - 1
        return (whole, *(f"{head}{'?' * length}-{HASH}" for length in (rest, rest - 1)))


def partition_of(region: str) -> str:
    """Return the partition of `region`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws-cn" if region.startswith("cn-") else "aws"
