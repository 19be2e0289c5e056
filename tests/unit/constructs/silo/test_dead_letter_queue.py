"""A queue of dead letters: encrypted, and for whom it was made."""

from __future__ import annotations

from functools import cache

from constructs.silo.dead_letter_queue import DeadLetterQueue, DeadLetterQueueProps
from tests.construct import SILO, Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

RULE = f"arn:aws:events:eu-west-1:{ACCOUNT}:rule/a-rule"
SEND = {
    "Effect": "Allow",
    "Action": ["sqs:SendMessage"],
    "Resource": [f"arn:aws:sqs:eu-west-1:{ACCOUNT}:a-queue"],
}


@cache
def queue() -> StackDocument:
    def build(around: Surroundings) -> None:
        props = DeadLetterQueueProps(name="a-queue", owner=SILO, key=around.key)
        created = DeadLetterQueue(around.stack, "queue", props)
        created.grant_send_to_rule(RULE, around.account)
        around.grant(created.grant_send)

    return alone(build)


def test_dead_letters_are_encrypted_and_kept_for_14_days() -> None:
    assert queue().one("aws_sqs_queue") == {
        "name": "a-queue",
        "kms_master_key_id": queue().reference("aws_kms_key"),
        "message_retention_seconds": 1_209_600,
    }


def test_a_function_sends_as_its_tenant() -> None:
    own = {"StringEquals": {"aws:PrincipalTag/TenantId": ["acme-corp"]}}
    assert queue().granted() == {"SendDeadLetters": {"Sid": "SendDeadLetters", **SEND, "Condition": own}}


def test_eventbridge_sends_dead_letters_for_this_rule_alone() -> None:
    assert queue().statements("aws_sqs_queue_policy") == {
        "SendDeadLettersOfRule": {
            "Sid": "SendDeadLettersOfRule",
            **SEND,
            "Principal": {"Service": ["events.amazonaws.com"]},
            "Condition": {
                "ArnEquals": {"aws:SourceArn": [RULE]},
                "StringEquals": {"aws:SourceAccount": [ACCOUNT]},
            },
        }
    }
    url = queue().reference("aws_sqs_queue", attribute="url")
    assert queue().one("aws_sqs_queue_policy")["queue_url"] == url
