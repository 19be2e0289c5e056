"""Records, events and what was asked in an environment's DynamoDB table, for workers on many machines.

An item is found by what it is (`record`, `rollout`, `verdict`, `leaving`, `event`,
`claim`) and by whose it is. The state machine
changes items of rollouts alone.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from config.problems import ConfigurationError, Problem
from fleet.rollout.records import Record, RolloutFolder, decoded, encoded, now

ATTEMPTS: Final = 8
REFUSED: Final = "ConditionalCheckFailedException"


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutTable(RolloutFolder):
    """Where records, events and what was asked are. Files of one machine, such as those of a worker, are in `path`.

    Attributes:
        table: its name.
        region: of the table; `None` is the environment's.
    """

    table: str
    region: str | None = None

    def stacks(self) -> list[str]:
        """Return the stacks that have a record, sorted."""
        return sorted(item["id"]["S"] for item in self._all("record"))

    def record(self, stack: str) -> Record | None:
        """Return the record of `stack`; `None` where nobody has deployed it.

        Raises:
            ConfigurationError: it cannot be read, or is none.
        """
        item = self.item("record", stack)
        return self._decoded(item) if item else None

    def records(self, stacks: Iterable[str]) -> dict[str, Record | None]:
        """Return the record of each of `stacks`; they are read together.

        Raises:
            ConfigurationError: they cannot be read, or one is none.
        """
        found = {item["id"]["S"]: item for item in self._all("record")}
        return {stack: self._decoded(found[stack]) if stack in found else None for stack in stacks}

    def write(self, record: Record) -> None:
        """Keep `record` in place of the one before.

        Raises:
            ConfigurationError: it cannot be written.
        """
        self.put("record", record.stack, {"document": {"S": encoded(record)}})

    def forget(self, stack: str) -> None:
        """Remove the record of `stack`, which is gone.

        Raises:
            ConfigurationError: it cannot be removed.
        """
        with self._refusals():
            self._client.delete_item(TableName=self.table, Key=_key("record", stack))

    def leave(self, tenant: str) -> None:
        """Say that `tenant` leaves: no worker deploys a stack that has it any more.

        Raises:
            ConfigurationError: it cannot be written.
        """
        self.put("leaving", tenant, {"at": {"S": now()}})

    def leaving(self) -> frozenset[str]:
        """Return who leaves, or has left."""
        return frozenset(item["id"]["S"] for item in self._all("leaving"))

    def place_of_asked(self, release: str) -> str:
        """Name where it is kept what was asked of the rollout of `release`."""
        return f"dynamodb://{self.table}/rollout/{release}"

    def asked(self, release: str) -> str | None:
        """Return the word that was asked last of the rollout of `release`; `None` where nobody asked.

        Raises:
            ConfigurationError: it cannot be read.
        """
        item = self.item("rollout", release)
        return str(item["asked"]["S"]) if item and "asked" in item else None

    def ask(self, release: str, word: str) -> None:
        """Keep `word` as what was asked last of the rollout of `release`; what its waves have counted stays.

        Raises:
            ConfigurationError: it cannot be written.
        """
        with self._refusals():
            self._client.update_item(
                TableName=self.table,
                Key=_key("rollout", release),
                UpdateExpression="SET asked = :word",
                ExpressionAttributeValues={":word": {"S": word}},
            )

    def place_of_verdict(self, release: str, wave: str) -> str:
        """Name where it is kept how a wave of `release` is."""
        return f"dynamodb://{self.table}/verdict/{release}/{wave}"

    def verdict(self, release: str, wave: str) -> str | None:
        """Return what was kept of the health of a wave of `release`; `None` where nobody has looked.

        Raises:
            ConfigurationError: it cannot be read.
        """
        item = self.item("verdict", f"{release}/{wave}")
        return str(item["document"]["S"]) if item else None

    def keep_verdict(self, release: str, wave: str, text: str) -> None:
        """Keep `text` as what is known of the health of a wave of `release`.

        Raises:
            ConfigurationError: it cannot be written.
        """
        self.put("verdict", f"{release}/{wave}", {"document": {"S": text}})

    def tell(self, **event: Any) -> None:  # noqa: ANN401 (any JSON)
        """Add an event.

        Raises:
            ConfigurationError: it cannot be written.
        """
        at = now()
        text = json.dumps({"at": at, **event})
        self.put("event", f"{at}#{secrets.token_hex(4)}", {"document": {"S": text}})

    def item(self, kind: str, id: str) -> Mapping[str, Any] | None:
        """Return an item as it is now; `None` where there is none.

        Raises:
            ConfigurationError: it cannot be read.
        """
        with self._refusals():
            answer = self._client.get_item(TableName=self.table, Key=_key(kind, id), ConsistentRead=True)
        found: Mapping[str, Any] | None = answer.get("Item")
        return found

    def put(self, kind: str, id: str, attributes: Mapping[str, Any]) -> None:
        """Keep an item in place of the one before.

        Raises:
            ConfigurationError: it cannot be written.
        """
        with self._refusals():
            self._client.put_item(TableName=self.table, Item={**_key(kind, id), **attributes})

    def put_instead(
        self, kind: str, id: str, attributes: Mapping[str, Any], *, attribute: str, before: str | None
    ) -> bool:
        """Keep an item in place of the one whose `attribute` is `before`; return whether it was so.

        Args:
            kind: of the item.
            id: of the item.
            attributes: that it gets.
            attribute: that is compared, a text.
            before: what it must be; `None` where there must be no item.

        Raises:
            ConfigurationError: it cannot be written.
        """
        condition = "attribute_not_exists(#name)" if before is None else "#name = :before"
        values = {} if before is None else {"ExpressionAttributeValues": {":before": {"S": before}}}
        with self._refusals():
            try:
                self._client.put_item(
                    TableName=self.table,
                    Item={**_key(kind, id), **attributes},
                    ConditionExpression=condition,
                    ExpressionAttributeNames={"#name": attribute},
                    **values,
                )
            except ClientError as error:
                if error.response["Error"]["Code"] != REFUSED:
                    raise
                return False
        return True

    def _all(self, kind: str) -> Iterator[Mapping[str, Any]]:
        with self._refusals():
            pages = self._client.get_paginator("query").paginate(
                TableName=self.table,
                ConsistentRead=True,
                KeyConditionExpression="kind = :kind",
                ExpressionAttributeValues={":kind": {"S": kind}},
            )
            for page in pages:
                yield from page["Items"]

    def _decoded(self, item: Mapping[str, Any]) -> Record:
        stack = item["id"]["S"]
        return decoded(item["document"]["S"], stack, where=f"dynamodb://{self.table}/record/{stack}")

    @property
    def _client(self) -> Any:  # noqa: ANN401 - boto3's clients have no types
        return _dynamodb(self.region)

    @contextmanager
    def _refusals(self) -> Iterator[None]:
        """Say in one line what DynamoDB refused."""
        try:
            yield
        except ClientError as error:
            received, expected = error.response["Error"]["Code"], "a table that the caller may read and write"
        except BotoCoreError as error:
            received, expected = str(error), "an AWS account that answers"
        else:
            return
        where = f"dynamodb://{self.table}"
        raise ConfigurationError([Problem(where=where, received=received, expected=expected)])


@lru_cache
def _dynamodb(region: str | None) -> Any:  # noqa: ANN401
    config = Config(
        connect_timeout=10, read_timeout=30, retries={"mode": "standard", "total_max_attempts": ATTEMPTS}
    )
    return boto3.session.Session(region_name=region).client("dynamodb", config=config)


def _key(kind: str, id: str) -> dict[str, Any]:
    return {"kind": {"S": kind}, "id": {"S": id}}
