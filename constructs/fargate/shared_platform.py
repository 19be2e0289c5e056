"""What the Fargate tenants share, as each of them takes it."""

from __future__ import annotations

from dataclasses import dataclass

from constructs.common.account import Account
from constructs.common.log_bucket import LogBucket
from constructs.platform.aurora_cluster import AuroraCluster
from constructs.platform.database_provisioner import DatabaseProvisioner
from constructs.platform.ecs_cluster import EcsCluster
from constructs.platform.load_balancer import LoadBalancer
from constructs.platform.private_endpoints import PrivateEndpoints
from constructs.platform.shared_network import SharedNetwork
from tenancy.containers import TraceCollector


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedPlatform:
    """What a tenant takes of the platform. Nothing of it changes when a tenant comes or leaves.

    Attributes:
        account: of the platform.
        network: where the tasks run.
        endpoints: through which they reach AWS; `None` lets them reach anything.
        load_balancer: in front of them.
        cluster: that runs them.
        database: that they share.
        provisioner: that gives a tenant its login to it.
        alarm_topic_arn: SNS topic that alarms are sent to; `None` has no alarms.
        dashboards: whether what has an alarm is on a dashboard.
        logs: where access logs are written; `None` keeps none.
        collector: beside each tenant's container, for its traces; `None` traces no task.
    """

    account: Account
    network: SharedNetwork
    endpoints: PrivateEndpoints | None
    load_balancer: LoadBalancer
    cluster: EcsCluster
    database: AuroraCluster
    provisioner: DatabaseProvisioner
    alarm_topic_arn: str | None
    dashboards: bool
    logs: LogBucket | None
    collector: TraceCollector | None
