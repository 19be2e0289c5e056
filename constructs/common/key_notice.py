"""Somebody is told when a key is about to be deleted or cannot be used any more: all that it encrypts goes with it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cdktf_cdktf_provider_aws.cloudwatch_event_rule import CloudwatchEventRule
from cdktf_cdktf_provider_aws.cloudwatch_event_target import (
    CloudwatchEventTarget,
    CloudwatchEventTargetInputTransformer,
)

from constructs import Construct
from constructs.common.alarms import RUNBOOK, Alarm, AlarmProps, Watch
from constructs.common.customer_key import CustomerKey

SECTION: Final = "key-deletion"
ENDINGS: Final = ("DisableKey", "ScheduleKeyDeletion")
"""What CloudTrail calls the two requests
(https://docs.aws.amazon.com/kms/latest/developerguide/logging-using-cloudtrail.html)."""

# By `RuleName` alone: the rule is on the default bus. Written where it is not zero
# (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html, read 2026-11-27).
UNHEARD: Final = Watch(
    section="key-notice-failures",
    summary="EventBridge could not tell the topic that a key is about to be deleted or is disabled",
    namespace="AWS/Events",
    metric="FailedInvocations",
    statistic="Sum",
    limit=0,
)


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


class KeyNotice(Construct):
    """A rule on what CloudTrail records of requests to KMS; it needs a trail that records management events.

    AWS describes an alarm for a key that is used while it waits for its deletion, by a filter on CloudTrail's log;
    this one does not wait until then, and needs no log group
    (https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys-creating-cloudwatch-alarm.html,
    https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-kms.html).

    Attributes:
        alarm: on the rule itself.
    """

    def __init__(self, scope: Construct, id: str, props: KeyNoticeProps) -> None:
        super().__init__(scope, id)
        tags = dict(props.tags) or None
        rule = CloudwatchEventRule(
            self,
            "rule",
            name=props.rule,
            description="Tells that the key is about to be deleted, or is disabled",
            event_pattern=json.dumps(
                {
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
                },
                sort_keys=True,
            ),
            tags=tags,
        )
        CloudwatchEventTarget(
            self,
            "target",
            rule=rule.name,
            target_id="topic",
            arn=props.topic_arn,
            input_transformer=CloudwatchEventTargetInputTransformer(
                input_paths={
                    "event": "$.detail.eventName",
                    "key": "$.detail.requestParameters.keyId",
                    "time": "$.detail.eventTime",
                    "who": "$.detail.userIdentity.arn",
                },
                input_template=(
                    f'"<event> of the key <key> at <time>, by <who>. What to do: {RUNBOOK}#{SECTION}"'
                ),
            ),
        )
        self.alarm = AlarmProps(
            name=props.alarm,
            watch=UNHEARD,
            dimensions={"RuleName": rule.name},
            topic_arn=props.topic_arn,
            tags=props.tags,
        )
        Alarm(self, "unheard", self.alarm)
