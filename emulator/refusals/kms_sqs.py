"""SQS asks KMS whether the sender or receiver may use the key of a queue.

MiniStack stores the key's ARN and asks nobody.

AWS: SQS developer guide, "Amazon SQS Key management"
(https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html): a producer needs
`GenerateDataKey` and `Decrypt`, a consumer `Decrypt`; a service that sends (events.amazonaws.com) is named in the key
policy. The encryption context is the queue's ARN as `aws:sqs:arn`. That EventBridge's requests carry `aws:SourceArn` to
KMS is documented nowhere; here they do not. Lambda sends dead letters as the function's role (Lambda developer
guide, "Adding a dead-letter queue"). What a service may not encrypt is lost.
"""

from __future__ import annotations

import logging
from typing import Any

from emulator.refusals._kms import Asker, Use, caller, denial, role
from emulator.refusals._requests import Request, Response, before
from emulator.shims import _delivery
from emulator.shims._patching import part, service, wrap

SEND = ("GenerateDataKey", "Decrypt")
ACTIONS = {"SendMessage": SEND, "SendMessageBatch": SEND, "ReceiveMessage": ("Decrypt",)}
logger = logging.getLogger("sqs")


def apply() -> None:
    """Ask before messages are sent and received, by callers and by services."""
    before(service("services.sqs"), refuse)
    by_arn = part(service("services.sqs"), "_queue_by_arn")

    def dispatch(original: Any, spec: Any, payload: str, parameters: Any = None) -> None:  # noqa: ANN401
        sender = _delivery.SENDER.get()
        asker = role(sender, "service") if ":role/" in sender else Asker(service=sender)
        if problem := _denied(asker, by_arn(str(spec)) or {}, SEND):
            logger.warning("dropped: %s", problem)
            return
        original(spec, payload, parameters)

    wrap(service("services.eventbridge"), "_dispatch_to_sqs", dispatch)


def refuse(request: Request) -> Response | None:
    """The refusal of a request, or None."""
    actions = ACTIONS.get(request.action)
    if actions is None:
        return None
    url = str(request.json.get("QueueUrl") or request.parameter("QueueUrl") or request.path)
    sqs = service("services.sqs")
    try:
        queue = part(sqs, "_get_q")(url)
    except part(sqs, "_Err"):
        return None
    if not (problem := _denied(caller(request), queue, actions)):
        return None
    made: Response = part(sqs, "_json_err_resp")("KMS.AccessDeniedException", problem)
    return made


def _denied(asker: Asker, queue: dict[str, Any], actions: tuple[str, ...]) -> str | None:
    attributes = queue.get("attributes", {})
    context = {"aws:sqs:arn": attributes.get("QueueArn", "")}
    uses = (Use(action=action, context=context) for action in actions)
    return denial(asker, attributes.get("KmsMasterKeyId"), "sqs", *uses)
