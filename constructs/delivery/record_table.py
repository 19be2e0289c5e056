"""The DynamoDB table of rollouts: what was asked of each, and how many failures its wave still tolerates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableServerSideEncryption,
)

from constructs import Construct
from constructs.common.customer_key import CustomerKey
from constructs.common.lifecycle import protected_lifecycle
from policies.grantee import Grantee
from policies.statements import Condition, Statement
from tenancy.protection import Protection

PARTITION_KEY: Final = "kind"
"""`rollout`, so that what else a table of a delivery may hold is out of the state machine's reach."""
SORT_KEY: Final = "id"
"""Digest of a release."""
ROLLOUT: Final = "rollout"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordTableProps:
    """What it is called, under which key.

    Attributes:
        name: physical name.
        key: encrypts the table.
        protection: of the records.
    """

    name: str
    key: CustomerKey
    protection: Protection


class RecordTable(Construct):
    """A table with an item for each rollout, restorable to any second of the last 35 days.

    Attributes:
        resource: the table.
        name: of the table.
        arn: of the table.
    """

    def __init__(self, scope: Construct, id: str, props: RecordTableProps) -> None:
        super().__init__(scope, id)
        self.resource = DynamodbTable(
            self,
            "table",
            name=props.name,
            billing_mode="PAY_PER_REQUEST",
            hash_key=PARTITION_KEY,
            range_key=SORT_KEY,
            attribute=[
                DynamodbTableAttribute(name=PARTITION_KEY, type="S"),
                DynamodbTableAttribute(name=SORT_KEY, type="S"),
            ],
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=True),
            server_side_encryption=DynamodbTableServerSideEncryption(enabled=True, kms_key_arn=props.key.arn),
            deletion_protection_enabled=props.protection.protected,
            lifecycle=protected_lifecycle(props.protection),
        )
        self.name, self.arn = self.resource.name, self.resource.arn

    def grant_change_rollouts(self, grantee: Grantee) -> None:
        """Let `grantee` change what is known of rollouts, and no other item.

        https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
        """
        grantee.add_to_policy(
            Statement(
                sid="WriteRollouts",
                actions=("dynamodb:UpdateItem",),
                resources=(self.arn,),
                conditions=(
                    Condition(
                        operator="ForAllValues:StringEquals", key="dynamodb:LeadingKeys", values=(ROLLOUT,)
                    ),
                ),
            )
        )
