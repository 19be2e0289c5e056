"""Alarms: all that a person must act on, of resources of the same stack, each with its section of the runbook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.synthesis import ACCOUNT, PRODUCTION, TOPIC, SynthesizedStack, silo

RUNBOOK = "docs/runbook.md"
PAGER = f"arn:aws:sns:us-east-1:{ACCOUNT}:{TOPIC}"
SILO = {
    "api-function-errors": ("AWS/Lambda", "Errors", "Sum", "FunctionName"),
    "api-function-throttles": ("AWS/Lambda", "Throttles", "Sum", "FunctionName"),
    "events-dead-letters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", "QueueName"),
    "functions-dead-letters": ("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", "QueueName"),
    "http-5xx": ("AWS/ApiGateway", "5xx", "Sum", "ApiId"),
    "http-latency": ("AWS/ApiGateway", "Latency", "p99", "ApiId"),
    "provisioner-function-errors": ("AWS/Lambda", "Errors", "Sum", "FunctionName"),
    "provisioner-function-throttles": ("AWS/Lambda", "Throttles", "Sum", "FunctionName"),
    "signup-failures": ("AWS/Events", "FailedInvocations", "Sum", "RuleName"),
    "table-read-throttles": ("AWS/DynamoDB", "ReadThrottleEvents", "Sum", "TableName"),
    "table-write-throttles": ("AWS/DynamoDB", "WriteThrottleEvents", "Sum", "TableName"),
}
"""Namespace, metric, statistic and dimensions, as AWS's pages have them, by what an alarm is called."""
WATCHED = {
    "FunctionName": ("aws_lambda_function", "function_name"),
    "QueueName": ("aws_sqs_queue", "name"),
    "ApiId": ("aws_apigatewayv2_api", "id"),
    "TableName": ("aws_dynamodb_table", "name"),
    "RuleName": ("aws_cloudwatch_event_rule", "name"),
}
"""Type and attribute of what each dimension names."""


def alarms(stack: SynthesizedStack, prefix: str) -> dict[str, dict[str, Any]]:
    """The alarms of `stack` whose names begin with `prefix`, by what is between it and the suffix."""
    found = {body["alarm_name"]: body for body in stack.all("aws_cloudwatch_metric_alarm").values()}
    assert len(found) == len(stack.all("aws_cloudwatch_metric_alarm"))
    return {
        name.removeprefix(prefix).removesuffix("-test"): body
        for name, body in found.items()
        if name.startswith(prefix) and name.endswith("-test")
    }


def of_silo() -> dict[str, dict[str, Any]]:
    return alarms(silo(**PRODUCTION), "tenant-acme-corp-")


def measured(body: dict[str, Any]) -> tuple[str, ...]:
    statistic = body.get("statistic") or body["extended_statistic"]
    return (body["namespace"], body["metric_name"], statistic, *sorted(body["dimensions"]))


def test_a_silo_has_these_alarms_and_no_others() -> None:
    assert {name: measured(body) for name, body in of_silo().items()} == SILO
    assert len(silo(**PRODUCTION).all("aws_cloudwatch_metric_alarm")) == len(SILO)


def test_development_has_no_alarms() -> None:
    assert silo().all("aws_cloudwatch_metric_alarm") == {}


def watched(body: dict[str, Any]) -> dict[str, str]:
    """The address that each dimension of an alarm names."""
    found = {}
    for dimension, value in body["dimensions"].items():
        match = re.fullmatch(r"\$\{(.+)\.(\w+)\.(\w+)\}", value)
        assert match, value
        assert (match[1], match[3]) == WATCHED[dimension], value
        found[dimension] = f"{match[1]}.{match[2]}"
    return found


def test_each_alarm_watches_a_resource_of_its_own_stack() -> None:
    for name, body in of_silo().items():
        assert set(watched(body).values()) <= set(silo(**PRODUCTION).addresses), name


@pytest.mark.parametrize("kind", ["aws_lambda_function", "aws_sqs_queue", "aws_dynamodb_table"])
def test_no_resource_goes_unwatched(kind: str) -> None:
    addresses = {address for body in of_silo().values() for address in watched(body).values()}
    assert {f"{kind}.{name}" for name in silo(**PRODUCTION).all(kind)} <= addresses


def test_each_alarm_watches_what_it_is_named_after() -> None:
    roles = {name: next(iter(watched(body).values())).partition(".")[2] for name, body in of_silo().items()}
    expected = {
        "api-function": "api_function_",
        "provisioner-function": "provisioner_function_",
        "functions-dead": "functions_dlq_",
        "events-dead": "events_dlq_",
    }
    for name, role in roles.items():
        for start, wanted in expected.items():
            assert role.startswith(wanted) or not name.startswith(start), name


def test_somebody_hears_that_it_began_and_that_it_is_over() -> None:
    for body in of_silo().values():
        assert (body["alarm_actions"], body["ok_actions"]) == ([PAGER], [PAGER])


def test_limits_are_these() -> None:
    assert {name: (body["comparison_operator"], body["threshold"]) for name, body in of_silo().items()} == {
        **dict.fromkeys(SILO, ("GreaterThanThreshold", 0)),
        "api-function-errors": ("GreaterThanThreshold", 5),
        "http-5xx": ("GreaterThanThreshold", 5),
        "http-latency": ("GreaterThanThreshold", 3000),
    }
    for body in of_silo().values():
        assert body["period"] == 300
        assert body["evaluation_periods"] == body["datapoints_to_alarm"]


def test_what_writes_no_zeros_is_well_while_it_is_silent() -> None:
    assert {body["treat_missing_data"] for body in of_silo().values()} == {"notBreaching"}


def test_a_percentile_of_a_few_requests_wakes_nobody() -> None:
    for body in of_silo().values():
        percentile = body.get("extended_statistic") == "p99"
        assert (body.get("evaluate_low_sample_count_percentiles") == "ignore") is percentile


def test_each_alarm_has_a_section_of_the_runbook_and_each_section_an_alarm() -> None:
    text = (Path(__file__).resolve().parents[3] / RUNBOOK).read_text()
    sections = re.findall(r"^### (\S+)$", text, re.MULTILINE)
    assert len(sections) == len(set(sections))
    named = set()
    for name, body in of_silo().items():
        match = re.fullmatch(rf".+\. What to do: {RUNBOOK}#(\S+)", body["alarm_description"])
        assert match, name
        assert name.endswith(match[1])
        named.add(match[1])
    assert named == set(sections)
