"""Tells somebody of an event, and raises an alarm when EventBridge could tell nobody."""

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


def unheard(section: str, what: str) -> Watch:
    """Return what says that EventBridge could not tell the topic `what`.

    By `RuleName` alone: the rule is on the default bus. Written where it is not zero
    (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html, read 2026-11-27).
    """
    return Watch(
        section=section,
        summary=f"EventBridge could not tell the topic that {what}",
        namespace="AWS/Events",
        metric="FailedInvocations",
        statistic="Sum",
        limit=0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeProps:
    """Which event, what is said of it, and who hears it.

    Attributes:
        rule: physical name of the rule.
        description: of the rule.
        pattern: of the events on the default bus.
        said: the message, with what `told` names in angle brackets.
        told: parts of the event, by name: JSON paths.
        section: of the runbook, that the message names.
        unheard: what to watch for the day that nobody could be told.
        alarm: physical name of the alarm on that.
        topic_arn: of the SNS topic that is told; its policy must admit EventBridge.
        tags: of the rule and the alarm, beyond the provider's.
    """

    rule: str
    description: str
    pattern: Mapping[str, object]
    said: str
    told: Mapping[str, str]
    section: str
    unheard: Watch
    alarm: str
    topic_arn: str
    tags: Mapping[str, str] = field(default_factory=dict)


TARGET: Final = "topic"


class Notice(Construct):
    """A rule that sends a message about an event to the topic, with where the runbook says what to do.

    Attributes:
        alarm: on the rule itself.
    """

    def __init__(self, scope: Construct, id: str, props: NoticeProps) -> None:
        super().__init__(scope, id)
        rule = CloudwatchEventRule(
            self,
            "rule",
            name=props.rule,
            description=props.description,
            event_pattern=json.dumps(props.pattern, sort_keys=True),
            tags=dict(props.tags) or None,
        )
        CloudwatchEventTarget(
            self,
            "target",
            rule=rule.name,
            target_id=TARGET,
            arn=props.topic_arn,
            input_transformer=CloudwatchEventTargetInputTransformer(
                input_paths=dict(props.told),
                input_template=f'"{props.said} What to do: {RUNBOOK}#{props.section}"',
            ),
        )
        self.alarm = AlarmProps(
            name=props.alarm,
            watch=props.unheard,
            dimensions={"RuleName": rule.name},
            topic_arn=props.topic_arn,
            tags=props.tags,
        )
        Alarm(self, "unheard", self.alarm)
