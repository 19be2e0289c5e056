"""Metric alarms show all their fields.

MiniStack stores the whole alarm, but leaves most fields out of the XML answer that Terraform reads.

AWS: API reference, CloudWatch, the `MetricAlarm` data type (`DescribeAlarms`).
"""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from emulator.shims._patching import part, service, wrap

LOW_SAMPLES = "EvaluateLowSampleCountPercentile"
FIELDS = (
    "AlarmDescription",
    "Statistic",
    "ExtendedStatistic",
    LOW_SAMPLES,
    "Period",
    "TreatMissingData",
    "Unit",
)
LISTS = ("AlarmActions", "OKActions", "InsufficientDataActions")


def apply() -> None:
    """Add the missing fields to the XML form of the answer."""
    cloudwatch = service("services.cloudwatch")
    alarms, values = part(cloudwatch, "_alarms"), part(cloudwatch, "_p")

    def put(original: Any, request: Any, cbor: Any, is_cbor: Any, is_json: Any = False) -> Any:  # noqa: ANN401, FBT002
        answer = original(request, cbor, is_cbor, is_json)
        alarm = alarms.get(values(request, "AlarmName")) if not (is_cbor or is_json) else None
        if alarm is not None:
            alarm[LOW_SAMPLES] = values(request, LOW_SAMPLES)
            # The one list that the XML form of the request loses.
            name = "InsufficientDataActions"
            alarm[name] = [v for i in range(1, 6) if (v := values(request, f"{name}.member.{i}"))]
        return answer

    def describe(original: Any, request: Any, cbor: Any, is_cbor: Any, is_json: Any = False) -> Any:  # noqa: ANN401, FBT002
        status, headers, body = original(request, cbor, is_cbor, is_json)
        if is_cbor or is_json:
            return status, headers, body
        text = body.decode()
        for name, alarm in alarms.items():
            mark = f"<AlarmName>{name}</AlarmName>"
            text = text.replace(mark, mark + _fields(alarm), 1)
        return status, headers, text.encode()

    wrap(cloudwatch, "_put_metric_alarm", put)
    wrap(cloudwatch, "_describe_alarms", describe)


def _fields(alarm: Mapping[str, Any]) -> str:
    # MiniStack stores an average for an alarm on a percentile, which has no other statistic.
    left_out = {"Statistic"} if alarm.get("ExtendedStatistic") else set()
    shown = "".join(
        f"<{name}>{escape(str(alarm[name]))}</{name}>"
        for name in FIELDS
        if name not in left_out and alarm.get(name) not in {None, ""}
    )
    shown += f"<ActionsEnabled>{str(alarm['ActionsEnabled']).lower()}</ActionsEnabled>"
    for name in LISTS:
        members = "".join(f"<member>{escape(arn)}</member>" for arn in alarm[name])
        shown += f"<{name}>{members}</{name}>"
    dimensions = "".join(
        f"<member><Name>{escape(item['Name'])}</Name><Value>{escape(item['Value'])}</Value></member>"
        for item in alarm["Dimensions"]
    )
    return f"{shown}<Dimensions>{dimensions}</Dimensions>"
