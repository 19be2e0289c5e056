"""Data access: the tenant's DynamoDB table.

It uses only GetItem, PutItem, Query and UpdateItem, the four actions that the function's role allows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.silo import item_key

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import AttributeValueTypeDef

Item = Mapping[str, "AttributeValueTypeDef"]

_NAMES = ("data", "version", "deleted", "live", "size", "until")
"""Attributes that an expression names as `#data` and so on: some of the words are DynamoDB's own
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html)."""


class ConditionFailedError(Exception):
    """A conditional write found the item in another state.

    Attributes:
        current: The item as it is, or None if there is none.
    """

    def __init__(self, current: Item | None) -> None:
        super().__init__("the item is not in the expected state")
        self.current = current


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """An update of one item, if a condition holds.

    Attributes:
        resource_type: The item's sort key.
        update: The update expression, which may use the names that `_NAMES` lists.
        condition: The condition expression, which may use the same names.
        values: The values that the two expressions use.
    """

    resource_type: str
    update: str
    condition: str
    values: Item


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """What one write has to do with the end of its transaction.

    Attributes:
        failed: Whether its condition does not hold.
        current: The item as it is, if its condition does not hold and there is one.
    """

    failed: bool
    current: Item | None


class WritesCancelledError(Exception):
    """None of several writes was made.

    Attributes:
        reasons: One of each write, in their order.
    """

    def __init__(self, reasons: tuple[Cancellation, ...]) -> None:
        super().__init__("the writes were cancelled")
        self.reasons = reasons


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
            update: The update expression, which may use the names that `_NAMES` lists.
            condition: The condition expression, which may use the same names.
            values: The values that the two expressions use.

        Raises:
            ConditionFailedError: The condition does not hold.
        """
        try:
            answer = self.client.update_item(
                TableName=self.name,
                Key=self._key(resource_type),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeNames=_names(update + condition),
                ExpressionAttributeValues=values,
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
            )
        except self.client.exceptions.ConditionalCheckFailedException as error:
            current: Item | None = error.response.get("Item")  # type: ignore[assignment]  # not in the stubs
            raise ConditionFailedError(current) from error
        return answer["Attributes"]

    def write_together(self, *writes: Write) -> None:
        """Make all of `writes`, or none.

        The rights are those of each write alone, here UpdateItem
        (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis-iam.html).

        Raises:
            WritesCancelledError: A condition does not hold, or somebody else writes one of the items at this moment.
        """
        try:
            self.client.transact_write_items(
                TransactItems=[
                    {
                        "Update": {
                            "TableName": self.name,
                            "Key": self._key(write.resource_type),
                            "UpdateExpression": write.update,
                            "ConditionExpression": write.condition,
                            "ExpressionAttributeNames": _names(write.update + write.condition),
                            "ExpressionAttributeValues": write.values,
                            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
                        }
                    }
                    for write in writes
                ]
            )
        except self.client.exceptions.TransactionCanceledException as error:
            reasons = [
                (reason.get("Code"), reason.get("Item")) for reason in error.response["CancellationReasons"]
            ]
            raise WritesCancelledError(
                tuple(
                    Cancellation(failed=code == "ConditionalCheckFailed", current=item)  # type: ignore[arg-type]
                    for code, item in reasons
                )
            ) from error

    def count(self, prefix: str) -> int:
        """Return the number of live items whose sort key begins with `prefix`."""
        total = 0
        start: dict[str, object] = {}
        while True:
            answer = self.client.query(
                TableName=self.name,
                KeyConditionExpression="tenant_id = :tenant AND begins_with(resource_type, :prefix)",
                FilterExpression="attribute_not_exists(#deleted)",
                ExpressionAttributeNames={"#deleted": "deleted"},
                ExpressionAttributeValues={":tenant": {"S": self.tenant_id}, ":prefix": {"S": prefix}},
                ConsistentRead=True,
                Select="COUNT",
                **start,  # type: ignore[arg-type]  # the stubs cannot express an optional keyword
            )
            total += answer["Count"]
            if "LastEvaluatedKey" not in answer:
                return total
            start = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def between(self, first: str, last: str) -> Iterator[Item]:
        """Yield the items that are not marked as deleted, from one sort key to another, read consistently."""
        pages = self.client.get_paginator("query").paginate(
            TableName=self.name,
            KeyConditionExpression="tenant_id = :tenant AND resource_type BETWEEN :first AND :last",
            FilterExpression="attribute_not_exists(#deleted)",
            ExpressionAttributeNames={"#deleted": "deleted"},
            ExpressionAttributeValues={
                ":tenant": {"S": self.tenant_id},
                ":first": {"S": first},
                ":last": {"S": last},
            },
            ConsistentRead=True,
        )
        for page in pages:
            yield from page["Items"]

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


def _names(expressions: str) -> dict[str, str]:
    """Return the attributes that `expressions` name, words that DynamoDB keeps for itself among them."""
    return {f"#{name}": name for name in _NAMES if f"#{name}" in expressions}
