"""A CloudWatch log group that is encrypted and expires."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup

from constructs import Construct
from constructs.common.customer_key import CustomerKey
from policies.conditions import principal_tagged
from policies.grantee import Grantee
from policies.statements import Statement
from tenancy.owner import AnyOwner


@dataclass(frozen=True, slots=True, kw_only=True)
class EncryptedLogGroupProps:
    """What it is called, and how logs are kept.

    Attributes:
        name: physical name.
        key: encrypts it; the key's policy must admit the logs service for this name.
        retention_days: as CloudWatch admits.
        tags: of the group, beyond the provider's.
    """

    name: str
    key: CustomerKey
    retention_days: int
    tags: Mapping[str, str] = field(default_factory=dict)


class EncryptedLogGroup(CloudwatchLogGroup):
    """A log group that is created before whatever writes to it.

    AWS services would otherwise create one that never expires and is not encrypted.
    """

    def __init__(self, scope: Construct, id: str, props: EncryptedLogGroupProps) -> None:
        super().__init__(
            scope,
            id,
            name=props.name,
            retention_in_days=props.retention_days,
            kms_key_id=props.key.arn,
            tags=dict(props.tags) or None,
        )

    def grant_write(self, grantee: Grantee, owner: AnyOwner | None) -> None:
        """Let `grantee` write log streams of this group, as a principal of `owner` where there is one."""
        grantee.add_to_policy(
            Statement(
                sid="WriteOwnLogGroup",
                actions=("logs:CreateLogStream", "logs:PutLogEvents"),
                resources=(f"{self.arn}:log-stream:*",),
                conditions=(principal_tagged(owner.tag, owner.tenant),) if owner else (),
            )
        )
