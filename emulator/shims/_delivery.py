"""Delivery of a record to a queue, topic, function or event bus, inside the emulator."""

import json
import logging
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from typing import Any

from emulator.shims._patching import part, service

EVENTBRIDGE = "events.amazonaws.com"
SENDER: ContextVar[str] = ContextVar("sender", default=EVENTBRIDGE)
"""Who sends to a queue: the service, or the ARN of the role that it sends as."""
logger = logging.getLogger("delivery")


def deliver(
    target: str,
    record: Mapping[str, Any],
    *,
    sender: str = EVENTBRIDGE,
    attributes: Mapping[str, str] | None = None,
    source: str = "",
    detail_type: str = "",
    resources: Sequence[str] = (),
) -> None:
    """Deliver a record.

    Args:
        target: The ARN of a queue, topic, function or event bus.
        record: What is delivered, as JSON.
        sender: The service that sends, or the ARN of the role that it sends as.
        attributes: The message's attributes, on a queue.
        source: The event's source, on a bus.
        detail_type: The event's detail type, on a bus.
        resources: The event's resources, on a bus.
    """
    kind, body = target.split(":")[2], json.dumps(record)
    if kind == "sqs":
        events = service("services.eventbridge")
        queue = part(service("services.sqs"), "_queue_by_arn")(target)
        if queue is None:
            logger.warning("dropped: no queue %s", target)
            return
        sent_before = len(queue["messages"])
        token = SENDER.set(sender)
        try:
            part(events, "_dispatch_to_sqs")(part(events, "parse_arn")(target), body)
        finally:
            SENDER.reset(token)
        # A refusal may have dropped it.
        for message in queue["messages"][sent_before:]:
            message["message_attributes"] = {
                name: {"DataType": "String", "StringValue": text} for name, text in (attributes or {}).items()
            }
    elif kind == "sns":
        part(service("services.sns"), "publish_internal")(target, body, "")
    elif kind == "lambda":
        functions = service("services.lambda_svc")
        function, config, _ = part(functions, "_get_func_record_for_ref")(target)
        if function and config:
            record_of = part(functions, "_execution_record_for_config")
            functions.invoke_async_with_retry(record_of(function, config), json.loads(body))
    elif kind == "events":
        entry = {
            "EventBusName": target,
            "Source": source,
            "DetailType": detail_type,
            "Detail": body,
            "Resources": list(resources),
        }
        part(service("services.eventbridge"), "_put_events")({"Entries": [entry]})
    else:
        logger.warning("dropped: cannot deliver to %s", target)
