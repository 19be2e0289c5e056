"""Alarms: all that a person must act on, of resources of the same stack, each with its section of the runbook."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.synthesis import ACCOUNT, PRODUCTION, TOPIC, SynthesizedStack, platform, silo

RUNBOOK = "docs/runbook.md"
PAGER = f"arn:aws:sns:us-east-1:{ACCOUNT}:{TOPIC}"
LAMBDA, SQS, API, TABLES, EVENTS = "AWS/Lambda", "AWS/SQS", "AWS/ApiGateway", "AWS/DynamoDB", "AWS/Events"
BALANCER, DATABASE, FIREWALL = "AWS/ApplicationELB", "AWS/RDS", "AWS/WAFV2"
CLUSTER = ("DBClusterIdentifier", "Role")
TARGETS = ("LoadBalancer", "TargetGroup")
BACKUPS, TOLD = (
    ("AWS/Backup", "NumberOfBackupJobsFailed", "Sum", "BackupVaultName"),
    (
        EVENTS,
        "FailedInvocations",
        "Sum",
        "RuleName",
    ),
)
SILO = {
    "backup-failures": BACKUPS,
    "backup-notice-failures": TOLD,
    "key-notice-failures": TOLD,
    "api-function-errors": (LAMBDA, "Errors", "Sum", "FunctionName"),
    "api-function-throttles": (LAMBDA, "Throttles", "Sum", "FunctionName"),
    "events-dead-letters": (SQS, "ApproximateNumberOfMessagesVisible", "Maximum", "QueueName"),
    "functions-dead-letters": (SQS, "ApproximateNumberOfMessagesVisible", "Maximum", "QueueName"),
    "http-5xx": (API, "5xx", "Sum", "ApiId"),
    "http-latency": (API, "Latency", "p99", "ApiId"),
    "provisioner-function-errors": (LAMBDA, "Errors", "Sum", "FunctionName"),
    "provisioner-function-throttles": (LAMBDA, "Throttles", "Sum", "FunctionName"),
    "signup-failures": (EVENTS, "FailedInvocations", "Sum", "RuleName"),
    "table-read-throttles": (TABLES, "ReadThrottleEvents", "Sum", "TableName"),
    "table-write-throttles": (TABLES, "WriteThrottleEvents", "Sum", "TableName"),
}
SHARED = {
    "backup-failures": BACKUPS,
    "backup-notice-failures": TOLD,
    "key-notice-failures": TOLD,
    "database-connections": (DATABASE, "DatabaseConnections", "Maximum", *CLUSTER),
    "database-cpu": (DATABASE, "CPUUtilization", "Average", *CLUSTER),
    "database-lag": (DATABASE, "AuroraReplicaLag", "Maximum", *CLUSTER),
    "database-memory": (DATABASE, "FreeableMemory", "Average", *CLUSTER),
    "database-provisioner-errors": (LAMBDA, "Errors", "Sum", "FunctionName"),
    "database-provisioner-throttles": (LAMBDA, "Throttles", "Sum", "FunctionName"),
    "database-storage": (DATABASE, "FreeLocalStorage", "Minimum", *CLUSTER),
    "load-balancer-5xx": (BALANCER, "HTTPCode_ELB_5XX_Count", "Sum", "LoadBalancer"),
    "rejected-connections": (BALANCER, "RejectedConnectionCount", "Sum", "LoadBalancer"),
    "web-acl-blocks": (FIREWALL, "BlockedRequests", "Sum", "Region", "Rule", "WebACL"),
}
FARGATE = {
    "backup-failures": BACKUPS,
    "backup-notice-failures": TOLD,
    "key-notice-failures": TOLD,
    "target-5xx": (BALANCER, "HTTPCode_Target_5XX_Count", "Sum", *TARGETS),
    "target-latency": (BALANCER, "TargetResponseTime", "p99", *TARGETS),
    "unhealthy-targets": (BALANCER, "UnHealthyHostCount", "Maximum", *TARGETS),
}
"""Namespace, metric, statistic and dimensions, as AWS's pages have them, by what an alarm is called."""
LIMITS = {
    **dict.fromkeys((*SILO, *SHARED, *FARGATE), 0),
    "api-function-errors": 5,
    "database-connections": 1377,
    "database-cpu": 80,
    "database-lag": 1000,
    "database-memory": 134_217_728,
    "database-storage": 1_073_741_824,
    "http-5xx": 5,
    "http-latency": 3000,
    "load-balancer-5xx": 5,
    "target-5xx": 5,
    "target-latency": 3,
    "web-acl-blocks": 1000,
}
"""In the metric's own unit: `Latency` is in milliseconds, `TargetResponseTime` in seconds, memory in bytes."""
LASTING = {
    "database-cpu": 3,
    "database-lag": 3,
    "database-memory": 3,
    "http-latency": 3,
    "table-read-throttles": 2,
    "table-write-throttles": 2,
    "target-latency": 3,
    "unhealthy-targets": 3,
}
"""Periods of five minutes, where one is not enough."""
WATCHED = {
    "BackupVaultName": ("aws_backup_vault", "name"),
    "FunctionName": ("aws_lambda_function", "function_name"),
    "QueueName": ("aws_sqs_queue", "name"),
    "ApiId": ("aws_apigatewayv2_api", "id"),
    "TableName": ("aws_dynamodb_table", "name"),
    "RuleName": ("aws_cloudwatch_event_rule", "name"),
    "DBClusterIdentifier": ("aws_rds_cluster", "cluster_identifier"),
    "LoadBalancer": ("aws_lb", "arn_suffix"),
    "TargetGroup": ("aws_lb_target_group", "arn_suffix"),
    "WebACL": ("aws_wafv2_web_acl", "name"),
}
"""Type and attribute of what each dimension names."""
Alarms = dict[str, dict[str, Any]]


def of(stack: SynthesizedStack, prefix: str) -> Alarms:
    """The alarms of `stack` whose names begin with `prefix`, by what is between it and the suffix."""
    found = {body["alarm_name"]: body for body in stack.all("aws_cloudwatch_metric_alarm").values()}
    assert len(found) == len(stack.all("aws_cloudwatch_metric_alarm"))
    return {
        name.removeprefix(prefix).removesuffix("-test"): body
        for name, body in found.items()
        if name.startswith(prefix) and name.endswith("-test")
    }


def a_silo() -> SynthesizedStack:
    return silo(**PRODUCTION)


def the_platform() -> SynthesizedStack:
    return platform("acme-corp", "globex-inc", variables=PRODUCTION)


def every_alarm() -> Alarms:
    shared = the_platform()
    return {
        **of(a_silo(), "tenant-acme-corp-"),
        **of(shared, "shared-platform-"),
        **of(shared, "saas-platform-acme-corp-"),
    }


def measured(alarms: Alarms) -> dict[str, tuple[str, ...]]:
    return {
        name: (
            body["namespace"],
            body["metric_name"],
            body.get("statistic") or body["extended_statistic"],
            *sorted(body["dimensions"]),
        )
        for name, body in alarms.items()
    }


def watched(body: dict[str, Any]) -> dict[str, str]:
    """The address that each dimension of an alarm names."""
    found = {}
    for dimension, value in body["dimensions"].items():
        if dimension in WATCHED:
            match = re.fullmatch(r"\$\{(\w+)\.([\w-]+)\.(\w+)\}", value)
            assert match, value
            assert (match[1], match[3]) == WATCHED[dimension], value
            found[dimension] = f"{match[1]}.{match[2]}"
    return found


def test_a_silo_has_these_alarms_and_no_others() -> None:
    assert measured(of(a_silo(), "tenant-acme-corp-")) == SILO
    assert len(a_silo().all("aws_cloudwatch_metric_alarm")) == len(SILO)


def test_the_platform_has_these_alarms_for_all_and_these_for_each_tenant() -> None:
    stack = the_platform()
    assert measured(of(stack, "shared-platform-")) == SHARED
    for tenant in ("acme-corp", "globex-inc"):
        assert measured(of(stack, f"saas-platform-{tenant}-")) == FARGATE
    assert len(stack.all("aws_cloudwatch_metric_alarm")) == len(SHARED) + 2 * len(FARGATE)


def test_development_has_no_alarms() -> None:
    for stack in (silo(), platform()):
        assert stack.all("aws_cloudwatch_metric_alarm") == {}


def test_each_alarm_watches_resources_of_its_own_stack() -> None:
    for stack in (a_silo(), the_platform()):
        for name, body in stack.all("aws_cloudwatch_metric_alarm").items():
            assert watched(body), name
            assert set(watched(body).values()) <= set(stack.addresses), name


def test_dimensions_that_name_no_resource_are_these() -> None:
    alarms = every_alarm()
    roles = {
        name: body["dimensions"]["Role"] for name, body in alarms.items() if "Role" in body["dimensions"]
    }
    writer = ("database-connections", "database-cpu", "database-memory", "database-storage")
    assert roles == {**dict.fromkeys(writer, "WRITER"), "database-lag": "READER"}
    firewall = alarms["web-acl-blocks"]["dimensions"]
    assert (firewall["Region"], firewall["Rule"]) == ("us-east-1", "ALL")


@pytest.mark.parametrize(
    "kind",
    [
        "aws_apigatewayv2_api",
        "aws_backup_vault",
        "aws_cloudwatch_event_rule",
        "aws_dynamodb_table",
        "aws_lambda_function",
        "aws_lb",
        "aws_lb_target_group",
        "aws_rds_cluster",
        "aws_sqs_queue",
        "aws_wafv2_web_acl",
    ],
)
def test_no_resource_goes_unwatched(kind: str) -> None:
    expected, found = set(), set()
    for stack in (a_silo(), the_platform()):
        expected |= {f"{kind}.{name}" for name in stack.all(kind)}
        for body in stack.all("aws_cloudwatch_metric_alarm").values():
            found |= set(watched(body).values())
    assert expected
    assert expected <= found


def test_each_alarm_watches_what_it_is_named_after() -> None:
    expected = {
        "api-function-": "aws_lambda_function.api_function_",
        "provisioner-function-": "aws_lambda_function.provisioner_function_",
        "functions-dead-": "aws_sqs_queue.functions_dlq_",
        "events-dead-": "aws_sqs_queue.events_dlq_",
    }
    for name, body in of(a_silo(), "tenant-acme-corp-").items():
        for start, address in expected.items():
            if name.startswith(start):
                assert all(found.startswith(address) for found in watched(body).values()), name


@pytest.mark.parametrize("tenant", ["acme-corp", "globex-inc"])
def test_a_fargate_tenants_alarms_are_of_its_own_targets_and_cost_it(tenant: str) -> None:
    stack = the_platform()
    for body in of(stack, f"saas-platform-{tenant}-").values():
        (address,) = (found for name, found in watched(body).items() if name != "LoadBalancer")
        kind, name = address.split(".")
        tags = stack.all(kind)[name]["tags"]
        assert tags["cost_center"] == tenant
        assert body["tags"] == tags


def test_somebody_hears_that_it_began_and_that_it_is_over() -> None:
    for name, body in every_alarm().items():
        assert (body["alarm_actions"], body["ok_actions"]) == ([PAGER], [PAGER]), name


def test_limits_are_these_for_this_long() -> None:
    alarms = every_alarm()
    assert {name: body["threshold"] for name, body in alarms.items()} == LIMITS
    less = {name for name, body in alarms.items() if body["comparison_operator"] == "LessThanThreshold"}
    assert less == {"database-memory", "database-storage"}
    others = {body["comparison_operator"] for name, body in alarms.items() if name not in less}
    assert others == {"GreaterThanThreshold"}
    for name, body in alarms.items():
        assert body["period"] == 300
        assert body["evaluation_periods"] == body["datapoints_to_alarm"] == LASTING.get(name, 1), name


def test_silence_of_the_database_is_a_failure_and_nothing_elses() -> None:
    """Most metrics have no zeros: without a failure, AWS writes nothing."""
    for name, body in every_alarm().items():
        assert body["treat_missing_data"] == ("breaching" if name == "database-cpu" else "notBreaching"), name


def test_a_percentile_of_a_few_requests_wakes_nobody() -> None:
    """AWS takes a percentile as the extended statistic alone."""
    alarms = every_alarm()
    percentiles = {name for name, body in alarms.items() if body.get("extended_statistic") == "p99"}
    assert percentiles == {"http-latency", "target-latency"}
    for name, body in alarms.items():
        percentile = name in percentiles
        assert (body.get("evaluate_low_sample_count_percentiles") == "ignore") is percentile, name
        assert ("statistic" in body) is not percentile, name


def test_each_alarm_has_a_section_of_the_runbook_and_each_section_an_alarm() -> None:
    text = (Path(__file__).resolve().parents[3] / RUNBOOK).read_text()
    sections = re.findall(r"^### (\S+)$", text, re.MULTILINE)
    assert len(sections) == len(set(sections))
    named = set()
    for name, body in every_alarm().items():
        match = re.fullmatch(rf".+\. What to do: {RUNBOOK}#(\S+)", body["alarm_description"])
        assert match, name
        assert name.endswith(match[1])
        named.add(match[1])
    # What EventBridge tells by itself names its section in the message; a rollout is in another stack
    # (test_delivery_stack).
    assert {*named, "key-deletion", "rollout-halted"} == set(sections)
