"""Flow logs keep their role, their aggregation interval and their tags.

MiniStack does not store the role and the interval, and looks for the tags of another resource type, so each plan
wants to replace the flow log.

AWS: API reference, EC2, `CreateFlowLogs` ("DeliverLogsPermissionArn"; "MaxAggregationInterval ... Default:
600"), the `TagSpecification` data type (ResourceType `vpc-flow-log`) and the `FlowLog` data type; VPC user
guide, "Flow log records" (the default format).
"""

import re
from typing import Any
from xml.sax.saxutils import escape

from emulator.shims._patching import part, service, wrap_action

DEFAULT_FORMAT = (
    "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} "
    "${packets} ${bytes} ${start} ${end} ${action} ${log-status}"
)


def apply() -> None:
    """Keep the fields at creation and show them."""
    ec2 = service("services.ec2")
    flow_logs, value, keep_tags = part(ec2, "_flow_logs"), part(ec2, "_p"), part(ec2, "_parse_tag_specs")

    def create(original: Any, request: Any) -> Any:  # noqa: ANN401
        status, headers, body = original(request)
        for flow_log_id in re.findall(rb"<item>(fl-[^<]+)</item>", body):
            keep_tags(request, "vpc-flow-log", flow_log_id.decode())
            flow_logs[flow_log_id.decode()]["shown"] = {
                "deliverLogsPermissionArn": value(request, "DeliverLogsPermissionArn"),
                "maxAggregationInterval": value(request, "MaxAggregationInterval") or "600",
                "logFormat": value(request, "LogFormat") or DEFAULT_FORMAT,
                "logGroupName": value(request, "LogGroupName"),
            }
        return status, headers, body

    def describe(original: Any, request: Any) -> Any:  # noqa: ANN401
        status, headers, body = original(request)
        text = body.decode()
        for flow_log_id, flow_log in flow_logs.items():
            fields = "".join(
                f"<{name}>{escape(text)}</{name}>" for name, text in flow_log.get("shown", {}).items() if text
            )
            mark = f"<flowLogId>{flow_log_id}</flowLogId>"
            text = text.replace(mark, mark + fields)
        return status, headers, text.encode()

    wrap_action(ec2, "_ACTION_MAP", "CreateFlowLogs", create)
    wrap_action(ec2, "_ACTION_MAP", "DescribeFlowLogs", describe)
