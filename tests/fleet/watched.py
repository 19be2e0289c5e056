"""Alarms and requests of stacks that have neither: as CloudWatch holds them on the local AWS.

AWS itself writes the metric of an API; here nobody calls one.
"""

from __future__ import annotations

import time
from typing import Any

from emulator.server import Emulator
from fleet.rollout.health import APIS, REQUESTS

SECONDS = 1000
"""As many values as one request takes."""


def make_alarm(emulator: Emulator, name: str) -> None:
    """Make an alarm on an API that is called as the alarm."""
    emulator.client("cloudwatch").put_metric_alarm(
        AlarmName=name,
        Namespace=APIS,
        MetricName="5xx",
        Dimensions=_dimensions(name),
        Statistic="Sum",
        ComparisonOperator="GreaterThanThreshold",
        Threshold=5,
        Period=300,
        EvaluationPeriods=1,
    )


def set_alarm(emulator: Emulator, name: str, state: str) -> None:
    emulator.client("cloudwatch").set_alarm_state(AlarmName=name, StateValue=state, StateReason="a test")


def write_requests(emulator: Emulator, name: str, each: int) -> None:
    """Have the alarm's API get `each` requests in every second of the next quarter of an hour."""
    cloudwatch: Any = emulator.client("cloudwatch")
    begin = int(time.time())
    cloudwatch.put_metric_data(
        Namespace=APIS,
        MetricData=[
            {
                "MetricName": REQUESTS,
                "Dimensions": _dimensions(name),
                "Timestamp": begin + second,
                "Value": each,
            }
            for second in range(SECONDS)
        ],
    )


def _dimensions(name: str) -> list[dict[str, str]]:
    return [{"Name": "ApiId", "Value": name}]
