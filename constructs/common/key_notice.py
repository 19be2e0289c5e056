"""Tells somebody when a key is about to be deleted or cannot be used any more: all that it encrypts goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from constructs import Construct
from constructs.common.customer_key import CustomerKey
from constructs.common.notice import Notice, NoticeProps, unheard

SECTION: Final = "key-deletion"
ENDINGS: Final = ("DisableKey", "ScheduleKeyDeletion")
"""What CloudTrail calls the two requests
(https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html)."""

UNHEARD: Final = unheard("key-notice-failures", "a key is about to be deleted or is disabled")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyNoticeProps:
    """Which key, and who hears of it.

    Attributes:
        rule: physical name of the rule.
        alarm: physical name of the alarm on the rule itself.
        key: the key.
        topic_arn: of the SNS topic that is told; its policy must admit EventBridge.
        tags: of the rule and the alarm, beyond the provider's.
    """

    rule: str
    alarm: str
    key: CustomerKey
    topic_arn: str
    tags: Mapping[str, str] = field(default_factory=dict)


class KeyNotice(Notice):
    """A rule on what CloudTrail records of requests to KMS; it needs a trail that records management events.

    AWS describes an alarm for a key that is used while it waits for its deletion, by a filter on CloudTrail's log;
    this one does not wait until then, and needs no log group
    (https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys-creating-cloudwatch-alarm.html,
    https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-kms.html).
    """

    def __init__(self, scope: Construct, id: str, props: KeyNoticeProps) -> None:
        pattern = {
            "source": ["aws.kms"],
            "detail-type": ["AWS API Call via CloudTrail"],
            "detail": {
                "eventSource": ["kms.amazonaws.com"],
                "eventName": list(ENDINGS),
                # Whoever asks writes the one or the other.
                "requestParameters": {"keyId": [props.key.resource.key_id, props.key.arn]},
                # What was refused changes nothing.
                "errorCode": [{"exists": False}],
            },
        }
        super().__init__(
            scope,
            id,
            NoticeProps(
                rule=props.rule,
                description="Tells that the key is about to be deleted, or is disabled",
                pattern=pattern,
                said="<event> of the key <key> at <time>, by <who>.",
                told={
                    "event": "$.detail.eventName",
                    "key": "$.detail.requestParameters.keyId",
                    "time": "$.detail.eventTime",
                    "who": "$.detail.userIdentity.arn",
                },
                section=SECTION,
                unheard=UNHEARD,
                alarm=props.alarm,
                topic_arn=props.topic_arn,
                tags=props.tags,
            ),
        )
