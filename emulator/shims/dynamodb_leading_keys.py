"""`dynamodb:LeadingKeys` carries the partition keys that a request names.

MiniStack never sets it, so that a condition on it with `ForAllValues` holds for every request.

AWS: DynamoDB developer guide, "Using IAM policy conditions for fine-grained access control"
("dynamodb:LeadingKeys: Represents the first key attribute of a table ... the partition key"; use
`ForAllValues`; a Scan names no key). Actions and keys: Service authorization reference, Amazon DynamoDB.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from emulator.shims._patching import part, service, wrap

TRANSACTION_MEMBERS = ("Get", "Put", "Update", "Delete", "ConditionCheck")


def apply() -> None:
    """Add the key to the request's context."""
    actions = service("core.iam_actions")
    tables = part(service("services.dynamodb"), "_tables")

    def context_of(original: Any, body: bytes) -> Any:  # noqa: ANN401
        context = original(body)
        try:
            request = json.loads(body or b"{}")
        except ValueError:
            return context
        found = [
            value
            for name, values in _named_keys(request)
            for value in _partition_values(tables.get(name.rpartition("/")[2]), values)
        ]
        return context | ({"dynamodb:LeadingKeys": found} if found else {})

    wrap(actions, "dynamodb_service_context", context_of)


def _named_keys(request: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Table name and named attributes, for each item that the request is about."""
    if "TableName" in request:
        yield request["TableName"], request.get("Key") or request.get("Item") or _query_keys(request)
    for name, wanted in request.get("RequestItems", {}).items():
        if isinstance(wanted, dict):
            yield from ((name, key) for key in wanted.get("Keys", []))
        else:
            for entry in wanted:
                write = entry.get("PutRequest", {}).get("Item") or entry.get("DeleteRequest", {}).get("Key")
                yield name, write or {}
    for entry in request.get("TransactItems", []):
        for member in TRANSACTION_MEMBERS:
            if member in entry:
                yield entry[member]["TableName"], entry[member].get("Key") or entry[member].get("Item") or {}


def _query_keys(request: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes that a key condition compares for equality (`#pk = :value AND ...`)."""
    names, values = request.get("ExpressionAttributeNames", {}), request.get("ExpressionAttributeValues", {})
    keys = {}
    for part_of in request.get("KeyConditionExpression", "").replace(" and ", " AND ").split(" AND "):
        left, equals, right = part_of.strip(" ()").partition("=")
        left, right = left.strip(), right.strip()
        if equals and not left.endswith(("<", ">")) and right in values:
            keys[names.get(left, left)] = values[right]
    for name, condition in request.get("KeyConditions", {}).items():
        if condition.get("ComparisonOperator") == "EQ":
            keys[name] = condition["AttributeValueList"][0]
    return keys


def _partition_values(table: Mapping[str, Any] | None, item: Mapping[str, Any]) -> list[str]:
    schema = (table or {}).get("KeySchema", [])
    names = [entry["AttributeName"] for entry in schema if entry["KeyType"] == "HASH"]
    return [str(next(iter(item[name].values()))) for name in names if name in item]
