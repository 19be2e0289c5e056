"""What is done to a log stream is checked against the stream's ARN, `...:log-group:{group}:log-stream:{stream}`.

MiniStack checks all of it against the group's ARN, so that a permission for the streams of one group allows nothing.

AWS: CloudWatch Logs user guide, "Overview of managing access permissions to your CloudWatch Logs resources"
(ARN formats); Service authorization reference, Amazon CloudWatch Logs (PutLogEvents: log-stream). A refused
CreateLogStream names the stream as well (https://github.com/aws-solutions/aws-crr-monitor/issues/8).
"""

import json
from typing import Any

from emulator.shims._patching import service, wrap

GROUP = ":log-group:"
FIELD = "logStreamName"


def apply() -> None:
    """Add the stream to the ARN of a request that names one."""
    wrap(service("core.iam_actions"), "extract_resource_arn", _arn)


def _arn(original: Any, service_name: str, *arguments: Any) -> str:  # noqa: ANN401
    arn = str(original(service_name, *arguments))
    if service_name != "logs" or GROUP not in arn:
        return arn
    body = arguments[3]
    try:
        stream = json.loads(body or b"{}").get(FIELD)
    except ValueError:
        return arn
    return f"{arn}:log-stream:{stream}" if stream else arn
