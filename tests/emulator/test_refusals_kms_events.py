"""What services send to an encrypted queue: EventBridge for itself, Lambda as the function's role."""

from __future__ import annotations

import json
from typing import Any

import pytest

from emulator.server import Emulator
from tests.emulator import gaps
from tests.emulator.refused import key, statement

EVENTS = {"Service": "events.amazonaws.com"}
USE = ("kms:GenerateDataKey", "kms:Decrypt")


def undeliverable(emulator: Emulator, letters: str, admits_rule: bool = True) -> None:
    """Put an event whose target does not exist, with a queue for its dead letters."""
    events, rule, source = emulator.client("events"), gaps.name(), gaps.name()
    arn = events.put_rule(Name=rule, EventPattern=json.dumps({"source": [source]}))["RuleArn"]
    url = emulator.client("sqs").get_queue_url(QueueName=letters.rpartition(":")[2])["QueueUrl"]
    send = {
        "Effect": "Allow",
        "Principal": EVENTS,
        "Action": "sqs:SendMessage",
        "Resource": letters,
        "Condition": {"ArnEquals": {"aws:SourceArn": arn}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [send]})
    emulator.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
    nothing = f"{arn.rpartition(':rule')[0].replace(':events:', ':lambda:')}:function:nothing"
    target = {"Id": "t", "Arn": nothing, "DeadLetterConfig": {"Arn": letters}}
    events.put_targets(Rule=rule, Targets=[target])
    events.put_events(Entries=[{"Source": source, "DetailType": "t", "Detail": "{}"}])


def waiting(emulator: Emulator, url: str) -> int:
    attributes = emulator.client("sqs").get_queue_attributes(
        QueueUrl=url, AttributeNames=["ApproximateNumberOfMessages"]
    )["Attributes"]
    return int(attributes["ApproximateNumberOfMessages"])


def queue_of(emulator: Emulator, *statements: dict[str, Any]) -> tuple[str, str, str]:
    url, arn = gaps.queue(emulator)
    key_arn = key(emulator, *statements)
    emulator.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"KmsMasterKeyId": key_arn})
    return url, arn, key_arn


@pytest.mark.parametrize(
    ("condition", "arrives"),
    [
        (None, True),
        ({"ArnEquals": {"kms:EncryptionContext:aws:sqs:arn": "QUEUE"}}, True),
        ({"ArnEquals": {"kms:EncryptionContext:aws:sqs:arn": "arn:aws:sqs:us-east-1:123456789012:x"}}, False),
        ({"ArnLike": {"aws:SourceArn": "*"}}, False),
        ({"StringEquals": {"aws:SourceAccount": "123456789012"}}, False),
    ],
)
def test_a_dead_letter_of_eventbridge_needs_conditions_that_it_meets(
    shimmed: Emulator, condition: dict[str, Any] | None, arrives: bool
) -> None:
    url, arn, key_arn = queue_of(shimmed)
    filled = json.loads(json.dumps(condition).replace("QUEUE", arn))
    document = [
        statement(*USE, principal=EVENTS, condition=filled),
        statement("kms:PutKeyPolicy"),
    ]
    shimmed.client("kms").put_key_policy(
        KeyId=key_arn,
        PolicyName="default",
        Policy=json.dumps({"Version": "2012-10-17", "Statement": document}),
    )
    undeliverable(shimmed, arn)
    # An event is delivered, or not, before its request is answered.
    assert waiting(shimmed, url) == (1 if arrives else 0)


def test_without_the_refusal_a_dead_letter_needs_no_key() -> None:
    with Emulator(refusals=()) as emulator:
        url, arn, _ = queue_of(emulator)
        undeliverable(emulator, arn)
        assert waiting(emulator, url) == 1


def test_a_functions_dead_letter_needs_its_roles_right_to_the_key(shimmed: Emulator) -> None:
    code = "def handler(event, context):\n    raise ValueError('broken')\n"
    lambda_ = shimmed.client("lambda")
    found = {}
    for label in ("refused", "allowed"):
        url, arn, key_arn = queue_of(shimmed, statement(*USE))
        last_url, last_arn = gaps.queue(shimmed)
        name, _ = gaps.function(shimmed, code, DeadLetterConfig={"TargetArn": arn})
        role = lambda_.get_function(FunctionName=name)["Configuration"]["Role"].rpartition("/")[2]
        if label == "allowed":
            use = {"Effect": "Allow", "Action": list(USE), "Resource": key_arn}
            document = json.dumps({"Version": "2012-10-17", "Statement": [use]})
            shimmed.client("iam").put_role_policy(RoleName=role, PolicyName="p", PolicyDocument=document)
        # The failure's record follows on the dead letter: when it is there, the letter has been sent or lost.
        lambda_.put_function_event_invoke_config(
            FunctionName=name,
            MaximumRetryAttempts=0,
            DestinationConfig={"OnFailure": {"Destination": last_arn}},
        )
        lambda_.invoke(FunctionName=name, InvocationType="Event")
        assert gaps.received(shimmed, last_url)
        found[label] = waiting(shimmed, url)
    assert found == {"refused": 0, "allowed": 1}
