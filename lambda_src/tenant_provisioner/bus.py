"""Data access: the event bus."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mypy_boto3_events import EventBridgeClient

SOURCE = "tenant-platform.provisioner"
PROVISIONED, FAILED = "Tenant Provisioned", "Tenant Provisioning Failed"


class NotSentError(Exception):
    """The bus did not accept an event; the message says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bus:
    """The bus on which the outcome of a signup is announced.

    Attributes:
        client: The EventBridge client.
        name: The name or the ARN of the bus.
    """

    client: EventBridgeClient
    name: str

    def send(self, detail_type: str, detail: Mapping[str, object]) -> None:
        """Send one event.

        Raises:
            NotSentError: The bus refused it.
        """
        entry = {
            "EventBusName": self.name,
            "Source": SOURCE,
            "DetailType": detail_type,
            "Detail": json.dumps(detail, sort_keys=True),
        }
        answer = self.client.put_events(Entries=[entry])  # type: ignore[list-item]  # the stubs expect their own type
        # PutEvents responds with 200 even if it did not accept the entry:
        # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
        if answer["FailedEntryCount"]:
            raise NotSentError(f"{detail_type}: {answer['Entries'][0].get('ErrorCode', 'unknown')}")
