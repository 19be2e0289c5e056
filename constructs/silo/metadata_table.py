"""The DynamoDB table that holds one tenant's records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.dynamodb_contributor_insights import DynamodbContributorInsights
from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableServerSideEncryption,
    DynamodbTableTtl,
)

from constructs import Construct
from constructs.common.backup_rights import grant_backup_table
from constructs.common.customer_key import CustomerKey
from constructs.common.lifecycle import protected_lifecycle
from policies.conditions import principal_tagged
from policies.grantee import Grantee
from policies.statements import EVERYONE, Statement
from tenancy.owner import AnyOwner
from tenancy.protection import Protection

ACCESS: Final = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem")
PARTITION_KEY: Final = "tenant_id"
SORT_KEY: Final = "resource_type"
TIME_TO_LIVE: Final = "expires_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataTableProps:
    """Whose records, under which key.

    Attributes:
        name: physical name.
        owner: whose principals alone read and write records.
        key: encrypts the table.
        protection: of the records.
    """

    name: str
    owner: AnyOwner
    key: CustomerKey
    protection: Protection


class MetadataTable(Construct):
    """A table with one item collection per tenant, restorable to any second of the last 35 days.

    Attributes:
        resource: the table.
        name: of the table.
        arn: of the table.
    """

    def __init__(self, scope: Construct, id: str, props: MetadataTableProps) -> None:
        super().__init__(scope, id)
        self._owner = props.owner
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
            ttl=DynamodbTableTtl(attribute_name=TIME_TO_LIVE, enabled=True),
            point_in_time_recovery=DynamodbTablePointInTimeRecovery(enabled=True),
            server_side_encryption=DynamodbTableServerSideEncryption(enabled=True, kms_key_arn=props.key.arn),
            deletion_protection_enabled=props.protection.protected,
            lifecycle=protected_lifecycle(props.protection),
        )
        self.name, self.arn = self.resource.name, self.resource.arn
        DynamodbContributorInsights(self, "contributor_insights", table_name=self.name)

    def grant_read_write(self, grantee: Grantee) -> None:
        """Let `grantee`, as a principal of the owner, read and write items. No Scan, no deletion."""
        grantee.add_to_policy(
            Statement(
                sid="UseOwnTable",
                actions=ACCESS,
                resources=(self.arn,),
                conditions=(principal_tagged(self._owner.tag, self._owner.tenant),),
            )
        )

    def grant_backup(self, grantee: Grantee) -> None:
        """Let `grantee` back the table up."""
        grant_backup_table(grantee, self.arn)

    def grant_passage(self, gateway: Grantee) -> None:
        """Let requests to this table, and only what its users do with it, pass the VPC endpoint `gateway`."""
        gateway.add_to_policy(
            Statement(sid="PassToOwnTable", actions=ACCESS, resources=(self.arn,), principal=EVERYONE)
        )
