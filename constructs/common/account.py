"""The AWS account, partition and region that a stack is deployed to, and ARNs of what is in them."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.data_aws_caller_identity import DataAwsCallerIdentity
from cdktf_cdktf_provider_aws.data_aws_partition import DataAwsPartition

from constructs import Construct


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountProps:
    """What the account's ARNs depend on.

    Attributes:
        region: the stack's region; given, so that ARNs in policies read as the region's name.
    """

    region: str


class Account(Construct):
    """The account of the credentials that deploy, from declared data sources.

    ARNs made here name resources that do not exist yet: a key's policy must name the log groups that the key will
    encrypt. Where the resource exists already, use its own attribute.

    Attributes:
        id: the account's 12-digit id (a token).
        partition: `aws`, `aws-cn` or `aws-us-gov` (a token).
        region: the region's name.
        root: ARN of the account itself, as policies name it.
    """

    def __init__(self, scope: Construct, id: str, props: AccountProps) -> None:
        super().__init__(scope, id)
        self.region = props.region
        self.id: str = DataAwsCallerIdentity(self, "caller_identity").account_id
        self.partition: str = DataAwsPartition(self, "partition").partition
        self.root = f"arn:{self.partition}:iam::{self.id}:root"

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of `resource` (`function:name`, `log-group:name`) of `service` in this region."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.id}:{resource}"

    def log_group_arn(self, name: str) -> str:
        """Return the ARN of the log group `name`, without the `:*` that means its streams."""
        return self.arn("logs", f"log-group:{name}")
