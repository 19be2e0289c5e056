"""Gaps of the emulator and their shims (`gaps.py`): events, asynchronous invocations and dead letters."""

import json
from typing import Any

from emulator.server import Emulator
from tests.emulator.gaps import (
    ABSENCE_SECONDS,
    assert_closed_by_a_shim,
    function,
    name,
    queue,
    received,
)
from tests.guards import GUARD_SECONDS


def test_a_failing_target_is_retried_and_then_a_dead_letter(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        tries_url, _ = queue(emulator)
        letters_url, letters_arn = queue(emulator)
        code = (
            "import boto3, os\n"
            "def handler(event, context):\n"
            f"    boto3.client('sqs').send_message(QueueUrl={tries_url!r}, MessageBody='try')\n"
            "    raise ValueError('broken')\n"
        )
        function_name, function_arn = function(emulator, code, DeadLetterConfig={"TargetArn": letters_arn})
        emulator.client("lambda").put_function_event_invoke_config(
            FunctionName=function_name, MaximumRetryAttempts=1
        )
        send_through_a_rule(emulator, function_name, function_arn)
        letter = received(
            emulator, letters_url, seconds=GUARD_SECONDS if emulator is shimmed else ABSENCE_SECONDS
        )
        if letter is None:
            return None
        attributes = emulator.client("sqs").get_queue_attributes(
            QueueUrl=tries_url, AttributeNames=["ApproximateNumberOfMessages"]
        )["Attributes"]
        return (
            json.loads(letter["Body"])["detail"],
            letter["MessageAttributes"]["ErrorMessage"]["StringValue"],
            int(attributes["ApproximateNumberOfMessages"]),
        )

    assert_closed_by_a_shim(observe, ({"n": 1}, "broken", 2), shimmed=shimmed, bare=bare)


def send_through_a_rule(
    emulator: Emulator,
    function_name: str,
    function_arn: str,
    *,
    permit: bool = True,
    dead_letters: bool = False,
) -> str | None:
    """Put an event that a rule hands to the function; the URL of the target's own queue, when it has one."""
    events, rule, source = emulator.client("events"), name(), name()
    rule_arn = events.put_rule(Name=rule, EventPattern=json.dumps({"source": [source]}))["RuleArn"]
    if permit:
        emulator.client("lambda").add_permission(
            FunctionName=function_name,
            StatementId="rule",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=rule_arn,
        )
    target: dict[str, Any] = {"Id": "function", "Arn": function_arn}
    url = None
    if dead_letters:
        url, arn = queue(emulator, admits=rule_arn)
        target["DeadLetterConfig"] = {"Arn": arn}
    events.put_targets(Rule=rule, Targets=[target])
    events.put_events(Entries=[{"Source": source, "DetailType": "test", "Detail": json.dumps({"n": 1})}])
    return url


def test_an_event_that_cannot_be_delivered_ends_in_the_targets_queue(
    shimmed: Emulator, bare: Emulator
) -> None:
    def observe(emulator: Emulator) -> object:
        function_name, function_arn = function(emulator, "def handler(event, context):\n    return 1\n")
        url = send_through_a_rule(emulator, function_name, function_arn, permit=False, dead_letters=True)
        assert url
        letter = received(emulator, url, seconds=GUARD_SECONDS if emulator is shimmed else ABSENCE_SECONDS)
        if letter is None:
            return None
        return json.loads(letter["Body"])["detail"], letter["MessageAttributes"]["ERROR_CODE"]["StringValue"]

    assert_closed_by_a_shim(observe, ({"n": 1}, "NO_PERMISSIONS"), shimmed=shimmed, bare=bare)


def test_a_success_destination_receives_the_record(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        url, queue_arn = queue(emulator)
        events, rule, bus = emulator.client("events"), name(), name()
        bus_arn = events.create_event_bus(Name=bus)["EventBusArn"]
        events.put_rule(Name=rule, EventBusName=bus, EventPattern=json.dumps({"source": ["lambda"]}))
        events.put_targets(Rule=rule, EventBusName=bus, Targets=[{"Id": "queue", "Arn": queue_arn}])
        function_name, _ = function(emulator, "def handler(event, context):\n    return {'ok': event['n']}\n")
        client = emulator.client("lambda")
        client.put_function_event_invoke_config(
            FunctionName=function_name, DestinationConfig={"OnSuccess": {"Destination": bus_arn}}
        )
        client.invoke(FunctionName=function_name, InvocationType="Event", Payload=b'{"n": 2}')
        message = received(emulator, url, seconds=GUARD_SECONDS if emulator is shimmed else ABSENCE_SECONDS)
        if message is None:
            return None
        event = json.loads(message["Body"])
        return event["detail-type"], event["detail"]["requestPayload"], event["detail"]["responsePayload"]

    wanted = ("Lambda Function Invocation Result - Success", {"n": 2}, {"ok": 2})
    assert_closed_by_a_shim(observe, wanted, shimmed=shimmed, bare=bare)
