"""The alarms of what the Fargate tenants share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from constructs import Construct
from constructs.common.alarms import (
    Alarm,
    AlarmProps,
    Watch,
    function_errors,
    function_throttles,
    of_function,
)
from constructs.platform.aurora_cluster import AuroraCluster
from constructs.platform.database_provisioner import DatabaseProvisioner
from constructs.platform.load_balancer import LoadBalancer
from constructs.platform.web_acl import WebAcl
from facts.instance_classes import InstanceClass
from tenancy.names.platform import PlatformNames

CONNECTIONS_PERCENT: Final = 80
"""Of what the instances' class admits."""
CPU_PERCENT: Final = 80
FREE_MEMORY_BYTES: Final = 128 * 2**20
FREE_STORAGE_BYTES: Final = 2**30
LAG_MILLISECONDS: Final = 1000
"""Aurora's readers share the writer's storage, and are usually behind by less than 100
(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Replication.html)."""
BLOCKED_REQUESTS: Final = 1000
BALANCER_ERRORS: Final = 5

# By the role in the cluster and not by the instance: a failover changes who is the writer
# (https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/creating_alarms.html). The metrics and their units:
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.AuroraMonitoring.Metrics.html (read 2026-11-27).
# A database always writes them: one that is silent is down.
DATABASE_CPU: Final = Watch(
    section="database-cpu",
    summary="The database's writer is busy for 15 minutes, or silent",
    namespace="AWS/RDS",
    metric="CPUUtilization",
    statistic="Average",
    limit=CPU_PERCENT,
    periods=3,
    missing="breaching",
)
DATABASE_MEMORY: Final = Watch(
    section="database-memory",
    summary="The database's writer has little memory left",
    namespace="AWS/RDS",
    metric="FreeableMemory",
    statistic="Average",
    limit=FREE_MEMORY_BYTES,
    below=True,
    periods=3,
)
DATABASE_STORAGE: Final = Watch(
    section="database-storage",
    summary="The database's writer has little local storage left for temporary files and logs",
    namespace="AWS/RDS",
    metric="FreeLocalStorage",
    statistic="Minimum",
    limit=FREE_STORAGE_BYTES,
    below=True,
)
DATABASE_LAG: Final = Watch(
    section="database-lag",
    summary="The database's reader is behind the writer",
    namespace="AWS/RDS",
    metric="AuroraReplicaLag",
    statistic="Maximum",
    limit=LAG_MILLISECONDS,
    periods=3,
)
# By `LoadBalancer`, a part of its ARN; both are written where they are not zero
# (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html,
# read 2026-11-27).
BALANCER_5XX: Final = Watch(
    section="load-balancer-5xx",
    summary="The load balancer itself answers with 5xx",
    namespace="AWS/ApplicationELB",
    metric="HTTPCode_ELB_5XX_Count",
    statistic="Sum",
    limit=BALANCER_ERRORS,
)
REJECTED_CONNECTIONS: Final = Watch(
    section="rejected-connections",
    summary="The load balancer turns clients away",
    namespace="AWS/ApplicationELB",
    metric="RejectedConnectionCount",
    statistic="Sum",
    limit=0,
)
# `Rule` is `ALL` for the sum of the web ACL's rules; written where it is not zero
# (https://docs.aws.amazon.com/waf/latest/developerguide/waf-metrics.html, read 2026-11-27).
WEB_ACL_BLOCKS: Final = Watch(
    section="web-acl-blocks",
    summary="The web ACL blocks unusually many requests",
    namespace="AWS/WAFV2",
    metric="BlockedRequests",
    statistic="Sum",
    limit=BLOCKED_REQUESTS,
)
PROVISIONER_ERRORS: Final = function_errors("database-provisioner-errors", limit=0)
PROVISIONER_THROTTLES: Final = function_throttles("database-provisioner-throttles")


def database_connections(instance_class: InstanceClass) -> Watch:
    """Return what is watched of the connections of a writer of `instance_class`."""
    return Watch(
        section="database-connections",
        summary="The database's writer has few connections left",
        namespace="AWS/RDS",
        metric="DatabaseConnections",
        statistic="Maximum",
        limit=instance_class.connections * CONNECTIONS_PERCENT // 100,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlatformAlarmsProps:
    """What is watched, and who hears of it.

    Attributes:
        names: the platform's.
        topic_arn: of the SNS topic that is told.
        region: of the stack, which is a dimension of the web ACL's metrics.
        database: the cluster.
        instance_class: of its instances.
        reader: whether the cluster has a reader.
        load_balancer: in front of the tasks.
        web_acl: that filters its requests; `None` where there is none.
        provisioner: that creates the tenants' logins.
    """

    names: PlatformNames
    topic_arn: str
    region: str
    database: AuroraCluster
    instance_class: InstanceClass
    reader: bool
    load_balancer: LoadBalancer
    web_acl: WebAcl | None
    provisioner: DatabaseProvisioner


class PlatformAlarms(Construct):
    """An alarm for each thing that stops working for all tenants of the platform.

    Attributes:
        created: the alarms, in the order of their creation.
    """

    def __init__(self, scope: Construct, id: str, props: PlatformAlarmsProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.created: list[AlarmProps] = []
        cluster = props.database.resource.cluster_identifier
        writer = {"DBClusterIdentifier": cluster, "Role": "WRITER"}
        connections = database_connections(props.instance_class)
        for watch in (DATABASE_CPU, connections, DATABASE_MEMORY, DATABASE_STORAGE):
            self._create(watch, writer)
        if props.reader:
            self._create(DATABASE_LAG, {"DBClusterIdentifier": cluster, "Role": "READER"})
        balancer = {"LoadBalancer": props.load_balancer.resource.arn_suffix}
        self._create(BALANCER_5XX, balancer)
        self._create(REJECTED_CONNECTIONS, balancer)
        if props.web_acl:
            acl = {"WebACL": props.web_acl.resource.name, "Region": props.region, "Rule": "ALL"}
            self._create(WEB_ACL_BLOCKS, acl)
        for watch in (PROVISIONER_ERRORS, PROVISIONER_THROTTLES):
            self._create(watch, of_function(props.provisioner.function))

    def _create(self, watch: Watch, dimensions: Mapping[str, str]) -> None:
        props = AlarmProps(
            name=self._props.names.alarm(watch.section),
            watch=watch,
            dimensions=dimensions,
            topic_arn=self._props.topic_arn,
        )
        Alarm(self, watch.section.replace("-", "_"), props)
        self.created.append(props)
