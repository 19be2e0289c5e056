"""What must raise an alarm: each thing that a stack of customers' data has, and what can be wrong with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from tools.scan.findings import Finding
from tools.scan.stacks import Body, ScannedStack

WATCHED: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_apigatewayv2_api": ("5xx", "Latency"),
    "aws_backup_vault": ("NumberOfBackupJobsFailed",),
    "aws_cloudwatch_event_rule": ("FailedInvocations",),
    "aws_dynamodb_table": ("ReadThrottleEvents", "WriteThrottleEvents"),
    "aws_lambda_function": ("Errors", "Throttles"),
    "aws_lb": ("HTTPCode_ELB_5XX_Count", "RejectedConnectionCount"),
    "aws_lb_target_group": ("HTTPCode_Target_5XX_Count", "TargetResponseTime", "UnHealthyHostCount"),
    "aws_rds_cluster": (
        "AuroraReplicaLag",
        "CPUUtilization",
        "DatabaseConnections",
        "FreeLocalStorage",
        "FreeableMemory",
    ),
    "aws_sqs_queue": ("ApproximateNumberOfMessagesVisible",),
    "aws_wafv2_web_acl": ("BlockedRequests",),
}
"""Metrics by type of resource (docs/runbook.md says what to do about each)."""
DELETION: Final = "ScheduleKeyDeletion"
"""The event that a rule waits for."""
COPIES: Final = "Copy Job State Change"
"""Another."""
LAG: Final = "AuroraReplicaLag"
"""Only a cluster with a reader has it."""


def check(stack: ScannedStack) -> Iterator[Finding]:
    """Find what nobody would be told of, and alarms that tell nobody. A stack without customers' data needs none."""
    if not stack.protected:
        return
    alarms = stack.all("aws_cloudwatch_metric_alarm")
    for name, body in alarms.items():
        if not body.get("alarm_actions") or body.get("actions_enabled") is False:
            yield Finding(
                check="INT-402",
                address=stack.address("aws_cloudwatch_metric_alarm", name),
                message="tells nobody: it has no action for the alarm.",
            )
    yield from _keys(stack)
    yield from _backups(stack)
    for kind, metrics in WATCHED.items():
        for name in stack.all(kind):
            for metric in metrics:
                if metric == LAG and len(stack.all("aws_rds_cluster_instance")) == 1:
                    continue
                if not any(_watches(alarm, f"{kind}.{name}.", metric) for alarm in alarms.values()):
                    yield Finding(
                        check="INT-401",
                        address=stack.address(kind, name),
                        message=f"no alarm watches its {metric}.",
                    )


def _keys(stack: ScannedStack) -> Iterator[Finding]:
    """Find keys whose deletion nobody would be told of: it is no metric, but an event."""
    rules = [str(body.get("event_pattern")) for body in stack.all("aws_cloudwatch_event_rule").values()]
    for name in stack.all("aws_kms_key"):
        if not any(f"${{aws_kms_key.{name}." in rule and DELETION in rule for rule in rules):
            yield Finding(
                check="INT-403",
                address=stack.address("aws_kms_key", name),
                message="no rule tells that its deletion was scheduled.",
            )


def _backups(stack: ScannedStack) -> Iterator[Finding]:
    """Find vaults of which nobody would be told that a copy failed: no metric says whose it was."""
    rules = [str(body.get("event_pattern")) for body in stack.all("aws_cloudwatch_event_rule").values()]
    for name in stack.all("aws_backup_vault"):
        if not any(f"${{aws_backup_vault.{name}." in rule and COPIES in rule for rule in rules):
            yield Finding(
                check="INT-404",
                address=stack.address("aws_backup_vault", name),
                message="no rule tells that a copy of a backup failed.",
            )


def _watches(alarm: Body, resource: str, metric: str) -> bool:
    """Tell whether `alarm` compares `metric` of `resource`, alone or in an expression."""
    queried = [
        found
        for query in alarm.get("metric_query", ())
        for found in (
            [query["metric"]] if isinstance(query.get("metric"), Mapping) else query.get("metric", ())
        )
    ]
    return any(
        body.get("metric_name") == metric
        and any(f"${{{resource}" in str(value) for value in body.get("dimensions", {}).values())
        for body in (alarm, *queried)
    )
