"""Items of a table, put back from a table that was restored beside it.

DynamoDB restores into a new table alone
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/PointInTimeRecovery.html), so the tenant's own, which
its roles name, gets the items back from there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemStep:
    """What is to be done with one item.

    Attributes:
        action: `put back` the restored item, or `remove` one that the restored table has not.
        key: of the item, with DynamoDB's types.
        item: to put back; `None` where it is removed.
    """

    action: Literal["put back", "remove"]
    key: Item
    item: Item | None = None

    def __str__(self) -> str:
        """Return it as a person reads it, without the item's content."""
        return f"{self.action} {' '.join(next(iter(value.values())) for value in self.key.values())}"


def key_names(client: Any, table: str) -> list[str]:  # noqa: ANN401 - boto3's
    """Return the names of the attributes that identify an item of `table`."""
    found = client.describe_table(TableName=table)["Table"]["KeySchema"]
    return [element["AttributeName"] for element in found]


def items(client: Any, table: str) -> Iterator[Item]:  # noqa: ANN401 - boto3's
    """Return all items of `table`."""
    for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from page["Items"]


def steps(
    restored: Iterator[Item], current: Iterator[Item], names: list[str], *, remove_newer: bool
) -> Iterator[ItemStep]:
    """Yield what to do so that the tenant's table has what the restored one has.

    Args:
        restored: items of the restored table.
        current: items of the tenant's table.
        names: of the key's attributes.
        remove_newer: whether items that the restored table has not are removed; else they stay.
    """
    there = {_identity(item, names): item for item in current}
    for item in restored:
        identity = _identity(item, names)
        if there.pop(identity, None) != item:
            yield ItemStep(action="put back", key={name: item[name] for name in names}, item=item)
    if remove_newer:
        for item in there.values():
            yield ItemStep(action="remove", key={name: item[name] for name in names})


def carry_out(client: Any, table: str, step: ItemStep) -> None:  # noqa: ANN401 - boto3's
    """Do `step`.

    Raises:
        botocore.exceptions.ClientError: DynamoDB refuses it.
    """
    if step.item is None:
        client.delete_item(TableName=table, Key=step.key)
    else:
        client.put_item(TableName=table, Item=step.item)


def _identity(item: Item, names: list[str]) -> str:
    return json.dumps([item[name] for name in names], sort_keys=True, default=repr)
