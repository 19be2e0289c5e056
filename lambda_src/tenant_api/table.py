"""Data access: the tenant's DynamoDB table.

It uses only GetItem, PutItem, Query and UpdateItem, the four actions that the function's role allows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.silo import item_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item = Mapping[str, "AttributeValueTypeDef"]


class ConditionFailedError(Exception):
    """A conditional write found the item in another state.

    Attributes:
        current: The item as it is, or None if there is none.
    """

    def __init__(self, current: Item | None) -> None:
        super().__init__("the item is not in the expected state")
        self.current = current


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One tenant's partition of its table.

    Attributes:
        client: The DynamoDB client.
        name: The table's name.
        tenant_id: The tenant, whose id is the partition key of every item.
    """

    client: DynamoDBClient
    name: str
    tenant_id: str

    def _key(self, resource_type: str) -> dict[str, AttributeValueTypeDef]:
        return item_key(self.tenant_id, resource_type)

    def ping(self) -> None:
        """Check that the table responds, by reading an item that need not exist."""
        self.client.get_item(TableName=self.name, Key=self._key("health"))

    def get(self, resource_type: str) -> Item | None:
        """Return the item whose sort key is `resource_type`, read consistently, or None."""
        answer = self.client.get_item(TableName=self.name, Key=self._key(resource_type), ConsistentRead=True)
        return answer.get("Item")

    def put_new(self, resource_type: str, attributes: Item) -> None:
        """Write an item whose sort key is not in use.

        Raises:
            ConditionFailedError: There is already an item with this sort key.
        """
        try:
            self.client.put_item(
                TableName=self.name,
                Item={**attributes, **self._key(resource_type)},
                ConditionExpression="attribute_not_exists(tenant_id)",
            )
        except self.client.exceptions.ConditionalCheckFailedException as error:
            raise ConditionFailedError(None) from error

    def update(self, resource_type: str, *, update: str, condition: str, values: Item) -> Item:
        """Update one item if `condition` holds, and return it as it is then.

        Args:
            resource_type: The item's sort key.
            update: The update expression, which may use the names `#data`, `#version` and `#deleted`.
            condition: The condition expression, which may use the same names.
            values: The values that the two expressions use.

        Raises:
            ConditionFailedError: The condition does not hold.
        """
        names = {"#data": "data", "#version": "version", "#deleted": "deleted"}
        try:
            answer = self.client.update_item(
                TableName=self.name,
                Key=self._key(resource_type),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames={k: v for k, v in names.items() if k in update + condition},
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as error:
            current: Item | None = error.response.get("Item")  # type: ignore[assignment]  # not in the stubs
            raise ConditionFailedError(current) from error
        return answer["Attributes"]

    def query(self, prefix: str, *, limit: int, after: str | None) -> tuple[list[Item], str | None]:
        """Read one page of the live items whose sort key begins with `prefix`, in the order of the sort key.

        Args:
            prefix: Non-empty beginning of the sort key.
            limit: Maximum number of items that DynamoDB reads, deleted ones included.
            after: The sort key to continue after, which must begin with `prefix`, or None to start.

        Returns:
            The items that are not marked as deleted, and the sort key to continue after, or None at the end.
        """
        start = {"ExclusiveStartKey": self._key(after)} if after else {}
        answer = self.client.query(
            TableName=self.name,
            KeyConditionExpression="tenant_id = :tenant AND begins_with(resource_type, :prefix)",
            FilterExpression="attribute_not_exists(#deleted)",
            ExpressionAttributeNames={"#deleted": "deleted"},
            ExpressionAttributeValues={":tenant": {"S": self.tenant_id}, ":prefix": {"S": prefix}},
            ConsistentRead=True,
            Limit=limit,
            **start,  # type: ignore[arg-type]  # the stubs cannot express an optional keyword
        )
        last = answer.get("LastEvaluatedKey")
        return list(answer["Items"]), last["resource_type"]["S"] if last else None
