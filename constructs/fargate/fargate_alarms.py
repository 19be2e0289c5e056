"""The alarms of one Fargate tenant."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from constructs import Construct
from constructs.common.alarms import Alarm, AlarmProps, Watch
from constructs.fargate.host_route import HostRoute
from constructs.platform.load_balancer import LoadBalancer
from tenancy.names.fargate import FargateTenantNames

ERRORS: Final = 5
LATENCY_SECONDS: Final = 3

# By `LoadBalancer` and `TargetGroup`, parts of their ARNs. The first is written where it is not zero, the second where
# requests come, the third while targets are registered
# (https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html,
# read 2026-11-27).
TARGET_5XX: Final = Watch(
    section="target-5xx",
    summary="The tenant's tasks answer with 5xx",
    namespace="AWS/ApplicationELB",
    metric="HTTPCode_Target_5XX_Count",
    statistic="Sum",
    limit=ERRORS,
)
TARGET_LATENCY: Final = Watch(
    section="target-latency",
    summary="One in a hundred requests of the tenant's takes longer than 3 seconds",
    namespace="AWS/ApplicationELB",
    metric="TargetResponseTime",
    statistic="p99",
    limit=LATENCY_SECONDS,
    periods=3,
)
# A task that has just begun is not healthy yet: 15 minutes are longer than a deployment of one.
UNHEALTHY_TARGETS: Final = Watch(
    section="unhealthy-targets",
    summary="A task of the tenant's fails its health check for 15 minutes",
    namespace="AWS/ApplicationELB",
    metric="UnHealthyHostCount",
    statistic="Maximum",
    limit=0,
    periods=3,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FargateAlarmsProps:
    """What is watched, and who hears of it.

    Attributes:
        names: the tenant's.
        topic_arn: of the SNS topic that is told.
        load_balancer: that requests come from.
        route: of the tenant's requests.
        tags: of the alarms.
    """

    names: FargateTenantNames
    topic_arn: str
    load_balancer: LoadBalancer
    route: HostRoute
    tags: Mapping[str, str]


class FargateAlarms(Construct):
    """An alarm for each thing that stops working for one tenant of the platform alone.

    Attributes:
        created: the alarms, in the order of their creation.
    """

    def __init__(self, scope: Construct, id: str, props: FargateAlarmsProps) -> None:
        super().__init__(scope, id)
        self.created: list[AlarmProps] = []
        dimensions = {
            "LoadBalancer": props.load_balancer.resource.arn_suffix,
            "TargetGroup": props.route.target_group.arn_suffix,
        }
        for watch in (TARGET_5XX, TARGET_LATENCY, UNHEALTHY_TARGETS):
            alarm = AlarmProps(
                name=props.names.alarm(watch.section),
                watch=watch,
                dimensions=dimensions,
                topic_arn=props.topic_arn,
                tags=props.tags,
            )
            Alarm(self, watch.section.replace("-", "_"), alarm)
            self.created.append(alarm)
