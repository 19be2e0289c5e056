"""DynamoDB asks KMS whether the caller may use the key of a table.

MiniStack stores the key's ARN and asks nobody.

AWS: DynamoDB developer guide, "DynamoDB encryption at rest usage notes", "Authorizing use of a customer managed key"
(https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html#dynamodb-kms-authz):
whoever names the key needs Encrypt, Decrypt, ReEncrypt*, GenerateDataKey*, DescribeKey and CreateGrant. "DynamoDB
encryption context": the table's name and the account. "Monitoring DynamoDB interaction with AWS KMS": an item is read
and written with a `Decrypt` of the table's key on the caller's behalf.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from emulator.refusals._kms import Use, caller, denial
from emulator.refusals._requests import Request, Response, before, json_error
from emulator.shims._patching import part, service

IN_CONTEXT = (
    "Encrypt",
    "Decrypt",
    "ReEncryptFrom",
    "ReEncryptTo",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "CreateGrant",
)
ITEMS = frozenset(
    {
        "PutItem",
        "GetItem",
        "UpdateItem",
        "DeleteItem",
        "Query",
        "Scan",
        "BatchGetItem",
        "BatchWriteItem",
        "TransactGetItems",
        "TransactWriteItems",
    }
)


def apply() -> None:
    """Ask before tables get a key and before items are used."""
    before(service("services.dynamodb"), refuse)


def refuse(request: Request) -> Response | None:
    """The refusal of a request, or None."""
    if request.action in {"CreateTable", "UpdateTable"}:
        key = (request.json.get("SSESpecification") or {}).get("KMSMasterKeyId")
        context = _context(request.json.get("TableName", ""))
        uses = [Use(action=action, context=context) for action in IN_CONTEXT]
        return _answer(denial(caller(request), key, "dynamodb", Use(action="DescribeKey"), *uses))
    if request.action not in ITEMS:
        return None
    tables = part(service("services.dynamodb"), "_tables")
    for name in sorted({given.rpartition("/")[2] for given in _tables(request.json)}):
        key = ((tables.get(name) or {}).get("SSEDescription") or {}).get("KMSMasterKeyArn")
        decrypt = Use(action="Decrypt", context=_context(name))
        if found := denial(caller(request), key, "dynamodb", decrypt):
            return _answer(found)
    return None


def _answer(problem: str | None) -> Response | None:
    return json_error("AccessDeniedException", problem) if problem else None


def _context(table: str) -> dict[str, str]:
    account = part(service("core.responses"), "get_account_id")()
    return {
        "aws:dynamodb:tableName": table.rpartition("/")[2],
        "aws:dynamodb:subscriberId": account,
    }


def _tables(request: dict[str, Any]) -> Iterator[str]:
    if "TableName" in request:
        yield request["TableName"]
    yield from request.get("RequestItems") or {}
    for entry in request.get("TransactItems") or []:
        yield from (member["TableName"] for member in entry.values() if "TableName" in member)
