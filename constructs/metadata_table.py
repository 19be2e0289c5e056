"""The DynamoDB table that holds one tenant's records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.dynamodb_contributor_insights import DynamodbContributorInsights
from cdktf_cdktf_provider_aws.dynamodb_table import (
    DynamodbTable,
    DynamodbTableAttribute,
    DynamodbTablePointInTimeRecovery,
    DynamodbTableServerSideEncryption,
    DynamodbTableTtl,
)

from config.profiles import Unprotected
from constructs import Construct
from constructs.customer_key import CustomerKey
from constructs.policy import EVERYONE, Statement, only_tenant

ACCESS: Final = ("dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem")
PARTITION_KEY: Final = "tenant_id"
SORT_KEY: Final = "resource_type"
TIME_TO_LIVE: Final = "expires_at"


@dataclass(frozen=True, slots=True, kw_only=True)
class MetadataTableProps:
    """Whose records, under which key.

    Attributes:
        name: physical name.
        tenant: id of the tenant; principals must carry it as a tag.
        key: encrypts the table.
        unprotected: set where the table may be destroyed with all it holds.
    """

    name: str
    tenant: str
    key: CustomerKey
    unprotected: Unprotected | None


class MetadataTable(Construct):
    """A table with one item collection a tenant, restorable to any second of the last 35 days.

    Attributes:
        table: the table.
    """

    def __init__(self, scope: Construct, id: str, props: MetadataTableProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.table = DynamodbTable(
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
            deletion_protection_enabled=props.unprotected is None,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if not props.unprotected else None,
        )
        DynamodbContributorInsights(self, "contributor_insights", table_name=self.table.name)

    def statements_for_access(self) -> list[Statement]:
        """Return what a role of the tenant needs to read and write items. No Scan, no deletion."""
        return [
            Statement(
                sid="UseOwnTable",
                actions=ACCESS,
                resources=(self.table.arn,),
                conditions=(only_tenant(self._props.tenant),),
            )
        ]

    def statements_for_gateway(self) -> list[Statement]:
        """Return what the VPC's gateway endpoint lets through: this table, and what its users do with it."""
        return [Statement(sid="OwnTable", actions=ACCESS, resources=(self.table.arn,), principal=EVERYONE)]
