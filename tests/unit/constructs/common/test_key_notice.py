"""A key that is about to be deleted, or is disabled, is told to the topic, and so is that nobody could be told."""

from __future__ import annotations

import json
from functools import cache

from constructs.common.key_notice import KeyNotice, KeyNoticeProps
from tests.construct import Surroundings, alone
from tests.synthesis import StackDocument

TOPIC = "arn:aws:sns:eu-west-1:123456789012:pager"


@cache
def notice() -> StackDocument:
    def build(around: Surroundings) -> None:
        props = KeyNoticeProps(
            rule="a-rule", alarm="an-alarm", key=around.key, topic_arn=TOPIC, tags={"tenant_id": "acme-corp"}
        )
        KeyNotice(around.stack, "notice", props)

    return alone(build)


def test_it_is_told_of_this_key_alone_when_its_use_ends_and_not_when_that_was_refused() -> None:
    stack = notice()
    assert json.loads(stack.one("aws_cloudwatch_event_rule")["event_pattern"]) == {
        "source": ["aws.kms"],
        "detail-type": ["AWS API Call via CloudTrail"],
        "detail": {
            "eventSource": ["kms.amazonaws.com"],
            "eventName": ["DisableKey", "ScheduleKeyDeletion"],
            "requestParameters": {
                "keyId": [
                    stack.reference("aws_kms_key", attribute="key_id"),
                    stack.reference("aws_kms_key"),
                ]
            },
            "errorCode": [{"exists": False}],
        },
    }


def test_the_topic_is_told_who_and_when_and_where_the_runbook_says_what_to_do() -> None:
    target = notice().one("aws_cloudwatch_event_target")
    assert target["arn"] == TOPIC
    message = json.loads(target["input_transformer"]["input_template"])
    assert message == (
        "<event> of the key <key> at <time>, by <who>. What to do: docs/runbook.md#key-deletion"
    )
    assert set(target["input_transformer"]["input_paths"]) == {"event", "key", "time", "who"}


def test_that_nobody_could_be_told_is_an_alarm() -> None:
    stack = notice()
    alarm = stack.one("aws_cloudwatch_metric_alarm")
    assert alarm["dimensions"] == {"RuleName": stack.reference("aws_cloudwatch_event_rule", attribute="name")}
    assert alarm["alarm_actions"] == [TOPIC]
    tags = {"tenant_id": "acme-corp"}
    assert alarm["tags"] == stack.one("aws_cloudwatch_event_rule")["tags"] == tags
