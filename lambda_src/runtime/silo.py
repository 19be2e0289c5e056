"""What is true of every tenant's silo: what a tenant's id looks like, and how its table is keyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from runtime.environment import Variable

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

TENANT_ID_PATTERN = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"

TENANT_ID = Variable(pattern=TENANT_ID_PATTERN, expected="a lower-case slug of 1 to 63 characters")
DYNAMODB_TABLE = Variable(pattern=r"[A-Za-z0-9_.-]{3,255}", expected="a DynamoDB table name")


def item_key(tenant_id: str, resource_type: str) -> dict[str, AttributeValueTypeDef]:
    """Return the primary key of an item in the tenant's table."""
    return {"tenant_id": {"S": tenant_id}, "resource_type": {"S": resource_type}}
