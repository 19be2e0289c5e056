"""Alarms that wake somebody up: a metric, when it is too much, and where the runbook says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from cdktf_cdktf_provider_aws.cloudwatch_metric_alarm import CloudwatchMetricAlarm

from constructs import Construct
from constructs.common.lambda_function import LambdaFunction

RUNBOOK: Final = "docs/runbook.md"
FIVE_MINUTES: Final = 300
"""Seconds. An alarm on less than a minute costs more; what a person acts on does not need it."""

Statistic = Literal["Average", "Maximum", "Minimum", "Sum", "p99"]
Missing = Literal["breaching", "notBreaching"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A metric of AWS's, and when somebody has to act on it.

    Attributes:
        section: of the runbook: a heading there, and part of the alarm's name.
        summary: what is wrong when it is too much, in a few words.
        namespace: such as `AWS/SQS`.
        metric: as AWS spells it.
        statistic: of the values of one period.
        limit: in the metric's own unit, which is fine itself.
        below: whether less than the limit is wrong, instead of more.
        period: seconds, 60 or a multiple.
        periods: one after another that must be wrong.
        missing: what a period without a value is: `notBreaching` where AWS writes no zeros, `breaching` where silence
            is a failure.
    """

    section: str
    summary: str
    namespace: str
    metric: str
    statistic: Statistic
    limit: float
    below: bool = False
    period: int = FIVE_MINUTES
    periods: int = 1
    missing: Missing = "notBreaching"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmProps:
    """What is watched, and who hears of it.

    Attributes:
        name: physical name.
        watch: the metric and its limit.
        dimensions: the resource whose metric it is.
        topic_arn: of the SNS topic that is told when the alarm goes off, and when it is over.
        tags: of the alarm, beyond the provider's.
    """

    name: str
    watch: Watch
    dimensions: Mapping[str, str]
    topic_arn: str
    tags: Mapping[str, str] = field(default_factory=dict)


class Alarm(CloudwatchMetricAlarm):
    """A CloudWatch alarm whose description names its section of the runbook."""

    def __init__(self, scope: Construct, id: str, props: AlarmProps) -> None:
        watch = props.watch
        percentile = watch.statistic == "p99"
        super().__init__(
            scope,
            id,
            alarm_name=props.name,
            alarm_description=f"{watch.summary}. What to do: {RUNBOOK}#{watch.section}",
            namespace=watch.namespace,
            metric_name=watch.metric,
            dimensions=dict(props.dimensions),
            statistic=None if percentile else watch.statistic,
            extended_statistic=watch.statistic if percentile else None,
            # A percentile of a few values is one slow request: it changes nothing
            # (https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html).
            evaluate_low_sample_count_percentiles="ignore" if percentile else None,
            comparison_operator="LessThanThreshold" if watch.below else "GreaterThanThreshold",
            threshold=watch.limit,
            period=watch.period,
            evaluation_periods=watch.periods,
            datapoints_to_alarm=watch.periods,
            treat_missing_data=watch.missing,
            alarm_actions=[props.topic_arn],
            ok_actions=[props.topic_arn],
            tags=dict(props.tags) or None,
        )


def function_errors(section: str, *, limit: int) -> Watch:
    """Return the watch on a function that raises, times out or runs out of memory more than `limit` times.

    Sum of `Errors` by `FunctionName`; Lambda writes no value where the function did not run
    (https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html, read 2026-11-27).
    """
    return Watch(
        section=section,
        summary="The function fails",
        namespace="AWS/Lambda",
        metric="Errors",
        statistic="Sum",
        limit=limit,
    )


def function_throttles(section: str) -> Watch:
    """Return the watch on a function that Lambda does not start: no execution is free for it.

    Sum of `Throttles` by `FunctionName` (the same page).
    """
    return Watch(
        section=section,
        summary="The function is throttled",
        namespace="AWS/Lambda",
        metric="Throttles",
        statistic="Sum",
        limit=0,
    )


def of_function(function: LambdaFunction) -> Mapping[str, str]:
    """Return the dimensions of the metrics of `function`."""
    return {"FunctionName": function.resource.function_name}
