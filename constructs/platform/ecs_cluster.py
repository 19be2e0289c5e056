"""The ECS cluster that runs all Fargate tenants' tasks."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.ecs_cluster import EcsCluster as AwsEcsCluster
from cdktf_cdktf_provider_aws.ecs_cluster import EcsClusterSetting

from constructs import Construct
from constructs.common.customer_key import CustomerKey
from constructs.common.log_group import EncryptedLogGroup, EncryptedLogGroupProps
from tenancy.names.platform import PlatformNames


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsClusterProps:
    """What it is called, and how it is watched.

    Attributes:
        names: the platform's.
        key: encrypts its log group.
        log_retention_days: as CloudWatch admits.
    """

    names: PlatformNames
    key: CustomerKey
    log_retention_days: int


class EcsCluster(Construct):
    """A cluster with Container Insights. It is no boundary: each tenant's own resources keep the tenants apart.

    Attributes:
        resource: the cluster.
    """

    def __init__(self, scope: Construct, id: str, props: EcsClusterProps) -> None:
        super().__init__(scope, id)
        # Before the cluster: ECS would create a group that is not encrypted and stays behind.
        logs = EncryptedLogGroup(
            self,
            "log_group",
            EncryptedLogGroupProps(
                name=props.names.container_insights_log_group,
                key=props.key,
                retention_days=props.log_retention_days,
            ),
        )
        self.resource = AwsEcsCluster(
            self,
            "cluster",
            name=props.names.ecs_cluster,
            setting=[EcsClusterSetting(name="containerInsights", value="enabled")],
            depends_on=[logs],
        )
