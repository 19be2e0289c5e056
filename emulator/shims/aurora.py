"""Exported logs of an Aurora cluster, and the Performance Insights key of its instances.

MiniStack shows neither the exported logs nor the key, and forgets a change that turns Performance Insights on or off,
so each plan reports them as missing.

AWS: RDS API reference, `CreateDBCluster` and `ModifyDBCluster` (EnableCloudwatchLogsExports,
CloudwatchLogsExportConfiguration), the `DBCluster` and `DBInstance` data types
(EnabledCloudwatchLogsExports, PerformanceInsightsKMSKeyId).
"""

from collections.abc import Mapping
from typing import Any
from xml.sax.saxutils import escape

from emulator.shims._patching import part, service, wrap, wrap_action

LOGS = "EnabledCloudwatchLogsExports"
CHANGE = "CloudwatchLogsExportConfiguration"


def apply() -> None:
    """Keep the fields at creation and change, and show them."""
    rds = service("services.rds")
    clusters, instances = part(rds, "_clusters"), part(rds, "_instances")
    value = part(rds, "_p")

    def members(request: Any, name: str) -> list[str]:  # noqa: ANN401
        return [v for i in range(1, 10) if (v := value(request, f"{name}.member.{i}"))]

    def keep(record: dict[str, Any] | None, request: Any) -> None:  # noqa: ANN401
        if record is None:
            return
        exported = [*record.get(LOGS, []), *members(request, "EnableCloudwatchLogsExports")]
        exported += members(request, f"{CHANGE}.EnableLogTypes")
        disabled = members(request, f"{CHANGE}.DisableLogTypes")
        record[LOGS] = sorted(set(exported) - set(disabled))
        if key := value(request, "PerformanceInsightsKMSKeyId"):
            record["PerformanceInsightsKMSKeyId"] = key
        if enabled := value(request, "EnablePerformanceInsights"):
            record["PerformanceInsightsEnabled"] = enabled == "true"

    def store(original: Any, request: Any) -> Any:  # noqa: ANN401
        answer = original(request)
        if name := value(request, "DBInstanceIdentifier"):
            keep(instances.get(name), request)
        else:
            keep(clusters.get(value(request, "DBClusterIdentifier")), request)
        return answer

    for action in ("CreateDBCluster", "ModifyDBCluster", "CreateDBInstance", "ModifyDBInstance"):
        wrap_action(rds, "_ACTION_MAP", action, store)
    wrap(rds, "_cluster_xml", _show_cluster)
    wrap(rds, "_instance_xml", _show_instance)


def _show_cluster(original: Any, record: Mapping[str, Any]) -> str:  # noqa: ANN401
    return str(original(record)).replace("<TagList>", f"{_logs(record)}<TagList>", 1)


def _show_instance(original: Any, record: Mapping[str, Any]) -> str:  # noqa: ANN401
    key = record.get("PerformanceInsightsKMSKeyId")
    shown = f"<PerformanceInsightsKMSKeyId>{escape(key)}</PerformanceInsightsKMSKeyId>" if key else ""
    return str(original(record)).replace(f"<{LOGS}/>", _logs(record) + shown, 1)


def _logs(record: Mapping[str, Any]) -> str:
    listed = "".join(f"<member>{escape(name)}</member>" for name in record.get(LOGS, []))
    return f"<{LOGS}>{listed}</{LOGS}>"
