"""The ECS cluster that runs all Fargate tenants' tasks."""

from __future__ import annotations

from dataclasses import dataclass

from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.ecs_cluster import EcsCluster as AwsEcsCluster
from cdktf_cdktf_provider_aws.ecs_cluster import EcsClusterSetting

from config.naming import PlatformNaming
from constructs import Construct
from constructs.customer_key import CustomerKey


@dataclass(frozen=True, slots=True, kw_only=True)
class EcsClusterProps:
    """How it is called and watched.

    Attributes:
        naming: the platform's names.
        key: encrypts its log group.
        log_retention_days: as CloudWatch admits.
    """

    naming: PlatformNaming
    key: CustomerKey
    log_retention_days: int


class EcsCluster(Construct):
    """A cluster with Container Insights. It is a name and no boundary: what keeps tenants apart is each one's own.

    Attributes:
        cluster: the cluster.
    """

    def __init__(self, scope: Construct, id: str, props: EcsClusterProps) -> None:
        super().__init__(scope, id)
        # Before the cluster: ECS would make a group that is not encrypted and stays behind.
        logs = CloudwatchLogGroup(
            self,
            "log_group",
            name=props.naming.container_insights_log_group,
            retention_in_days=props.log_retention_days,
            kms_key_id=props.key.arn,
        )
        self.cluster = AwsEcsCluster(
            self,
            "cluster",
            name=props.naming.ecs_cluster,
            setting=[EcsClusterSetting(name="containerInsights", value="enabled")],
            depends_on=[logs],
        )
