"""A dashboard of what has an alarm: each metric with its limit, and where the runbook says what to do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from cdktf_cdktf_provider_aws.cloudwatch_dashboard import CloudwatchDashboard

from constructs import Construct
from constructs.common.alarms import RUNBOOK, AlarmProps

COLUMNS: Final = 24
"""Units that a dashboard is wide
(https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html)."""
WIDTH, HEIGHT, TEXT_HEIGHT = 8, 6, 3
"""Of a widget, in units: three are side by side."""
BEFORE: Final = "-PT24H"
"""What is shown at first: the last day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DashboardProps:
    """What is shown.

    Attributes:
        name: physical name.
        title: whose metrics they are, for people.
        region: of the metrics.
        alarms: whose metrics are shown, in this order.
    """

    name: str
    title: str
    region: str
    alarms: Sequence[AlarmProps]


class Dashboard(Construct):
    """A dashboard with a widget for each alarm. Its body has the same bytes for the same alarms."""

    def __init__(self, scope: Construct, id: str, props: DashboardProps) -> None:
        super().__init__(scope, id)
        text = _text(props)
        widgets = [text, *(_metric(props, number, alarm) for number, alarm in enumerate(props.alarms))]
        CloudwatchDashboard(
            self,
            "dashboard",
            dashboard_name=props.name,
            dashboard_body=json.dumps({"start": BEFORE, "widgets": widgets}, sort_keys=True),
        )


def _text(props: DashboardProps) -> dict[str, Any]:
    sections = dict.fromkeys(alarm.watch.section for alarm in props.alarms)
    links = ", ".join(f"[{section}]({RUNBOOK}#{section})" for section in sections)
    return {
        "type": "text",
        "x": 0,
        "y": 0,
        "width": COLUMNS,
        "height": TEXT_HEIGHT,
        "properties": {"markdown": f"# {props.title}\nWhat to do about each: {links}"},
    }


def _metric(props: DashboardProps, number: int, alarm: AlarmProps) -> dict[str, Any]:
    watch, in_a_row = alarm.watch, COLUMNS // WIDTH
    dimensions = [part for pair in sorted(alarm.dimensions.items()) for part in pair]
    return {
        "type": "metric",
        "x": number % in_a_row * WIDTH,
        "y": TEXT_HEIGHT + number // in_a_row * HEIGHT,
        "width": WIDTH,
        "height": HEIGHT,
        "properties": {
            "title": alarm.name,
            "region": props.region,
            "view": "timeSeries",
            "metrics": [[watch.namespace, watch.metric, *dimensions]],
            "stat": watch.statistic,
            "period": watch.period,
            "annotations": {
                "horizontal": [
                    {
                        "label": watch.summary,
                        "value": watch.limit,
                        "fill": "below" if watch.below else "above",
                    }
                ]
            },
        },
    }
