"""One tenant's service on ECS Fargate: tasks, their network, their log group and their number."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cdktf import ITerraformDependable, TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.appautoscaling_policy import (
    AppautoscalingPolicy,
    AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration,
)
from cdktf_cdktf_provider_aws.appautoscaling_policy import (
    AppautoscalingPolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecification as PredefinedMetric,
)
from cdktf_cdktf_provider_aws.appautoscaling_target import AppautoscalingTarget
from cdktf_cdktf_provider_aws.ecs_service import (
    EcsService,
    EcsServiceDeploymentCircuitBreaker,
    EcsServiceLoadBalancer,
    EcsServiceNetworkConfiguration,
)
from cdktf_cdktf_provider_aws.ecs_task_definition import EcsTaskDefinition, EcsTaskDefinitionRuntimePlatform

from constructs import Construct
from constructs.common.account import Account
from constructs.common.log_group import EncryptedLogGroup
from constructs.common.vpc import HTTP, NamedSecurityGroup
from constructs.common.workload_role import WorkloadRole
from constructs.fargate.confinement import confined
from constructs.fargate.host_route import HostRoute
from constructs.fargate.trace_collector import CPU_UNITS as COLLECTOR_CPU_UNITS
from constructs.fargate.trace_collector import collector_container
from constructs.platform.ecs_cluster import EcsCluster
from constructs.platform.load_balancer import LoadBalancer
from constructs.platform.shared_network import SharedNetwork
from tenancy.containers import TraceCollector
from tenancy.specifications.fargate_tenant import FargateTenantPlan

CPU_UNITS: Final = 1024
MEMORY_MEGABYTES: Final = 2048
"""A pair that Fargate offers
(https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size)."""
CONTAINER: Final = "app"
CPU_PERCENT: Final = 70
SCALE_IN_SECONDS, SCALE_OUT_SECONDS = 300, 60
GRACE_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class FargateServiceProps:
    """What the service runs, in which roles and network.

    Attributes:
        plan: of the tenant: image, number of tasks, tags; tasks get the service's tags.
        account: of the service.
        network: whose private subnets the tasks are in.
        cluster: that runs them.
        security_group: of the tasks.
        load_balancer: that requests come from.
        route: how requests reach them.
        log_group: what they write to.
        task_role: the role of the code.
        execution_role: the role of the agent that starts the tasks.
        collector: beside the container, for its traces; `None` has none.
        environment: variables; no secrets.
        secrets: variables whose values ECS reads from Secrets Manager when a task starts, by `valueFrom`.
        after: what must exist before the first task, the roles' policies among it.
    """

    plan: FargateTenantPlan
    account: Account
    network: SharedNetwork
    cluster: EcsCluster
    security_group: NamedSecurityGroup
    load_balancer: LoadBalancer
    route: HostRoute
    log_group: EncryptedLogGroup
    task_role: WorkloadRole
    execution_role: WorkloadRole
    collector: TraceCollector | None
    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    after: Sequence[ITerraformDependable]


class FargateService(Construct):
    """A service that rolls a failed deployment back, and whose number of tasks follows their CPU and requests.

    Attributes:
        resource: the service.
    """

    def __init__(self, scope: Construct, id: str, props: FargateServiceProps) -> None:
        super().__init__(scope, id)
        self._props, self._names, self._tags = props, props.plan.owner.names, dict(props.plan.owner.tags)
        definition = self._create_task_definition()
        self.resource = self._create_service(definition)
        self._create_scaling()

    def _create_task_definition(self) -> EcsTaskDefinition:
        props = self._props
        return EcsTaskDefinition(
            self,
            "task_definition",
            family=self._names.task_family,
            requires_compatibilities=["FARGATE"],
            network_mode="awsvpc",
            cpu=str(CPU_UNITS),
            memory=str(MEMORY_MEGABYTES),
            runtime_platform=EcsTaskDefinitionRuntimePlatform(
                operating_system_family="LINUX", cpu_architecture="X86_64"
            ),
            task_role_arn=props.task_role.arn,
            execution_role_arn=props.execution_role.arn,
            container_definitions=json.dumps(self._containers(), sort_keys=True),
            tags=self._tags,
        )

    def _containers(self) -> list[dict[str, object]]:
        props = self._props
        if props.collector is None:
            return [self._container(cpu=0)]
        collector = collector_container(props.collector, account=props.account, log_group=props.log_group)
        # Where one says its share, the other must: none is the least that there is.
        return [self._container(cpu=CPU_UNITS - COLLECTOR_CPU_UNITS), collector]

    def _container(self, *, cpu: int) -> dict[str, object]:
        """Return the container as ECS gives it back: what it would fill in is said, lists are sorted.

        https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
        """
        props = self._props
        return {
            "name": CONTAINER,
            "image": props.plan.image,
            "cpu": cpu,
            "essential": True,
            "environment": [
                {"name": name, "value": value} for name, value in sorted(props.environment.items())
            ],
            "secrets": [
                {"name": name, "valueFrom": reference} for name, reference in sorted(props.secrets.items())
            ],
            "portMappings": [{"containerPort": HTTP, "hostPort": HTTP, "protocol": "tcp"}],
            "logConfiguration": {
                "logDriver": "awslogs",
                "options": {
                    "awslogs-group": props.log_group.name,
                    "awslogs-region": props.account.region,
                    "awslogs-stream-prefix": CONTAINER,
                },
            },
            "mountPoints": [],
            "systemControls": [],
            "volumesFrom": [],
            **(confined(props.plan.confinement) if props.plan.confinement else {}),
        }

    def _create_service(self, definition: EcsTaskDefinition) -> EcsService:
        props = self._props
        return EcsService(
            self,
            "service",
            name=self._names.service,
            cluster=props.cluster.resource.arn,
            task_definition=definition.arn,
            launch_type="FARGATE",
            desired_count=props.plan.minimum_tasks,
            availability_zone_rebalancing="ENABLED",
            network_configuration=EcsServiceNetworkConfiguration(
                subnets=[subnet.id for subnet in props.network.private_subnets.values()],
                security_groups=[props.security_group.id],
                assign_public_ip=False,
            ),
            load_balancer=[
                EcsServiceLoadBalancer(
                    target_group_arn=props.route.target_group.arn,
                    container_name=CONTAINER,
                    container_port=HTTP,
                )
            ],
            health_check_grace_period_seconds=GRACE_SECONDS,
            deployment_minimum_healthy_percent=100,
            deployment_maximum_percent=200,
            deployment_circuit_breaker=EcsServiceDeploymentCircuitBreaker(enable=True, rollback=True),
            # Tasks inherit no tag unless told to
            # (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html).
            propagate_tags="SERVICE",
            enable_ecs_managed_tags=True,
            tags=self._tags,
            # Scaling changes it.
            lifecycle=TerraformResourceLifecycle(ignore_changes=["desired_count"]),
            depends_on=[props.route.rule, *props.network.way_out, *props.after],
        )

    def _create_scaling(self) -> None:
        props = self._props
        target = AppautoscalingTarget(
            self,
            "scaling_target",
            service_namespace="ecs",
            scalable_dimension="ecs:service:DesiredCount",
            resource_id=f"service/{props.cluster.resource.name}/{self.resource.name}",
            min_capacity=props.plan.minimum_tasks,
            max_capacity=props.plan.maximum_tasks,
            tags=self._tags,
        )
        self._create_scaling_policy(
            target,
            "scaling_policy",
            self._names.scaling_policy,
            PredefinedMetric(predefined_metric_type="ECSServiceAverageCPUUtilization"),
            CPU_PERCENT,
        )
        # Neither takes away what the other needs: the service scales in when both would
        # (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-autoscaling-targettracking.html).
        balancer, group = props.load_balancer.resource.arn_suffix, props.route.target_group.arn_suffix
        self._create_scaling_policy(
            target,
            "requests_scaling_policy",
            self._names.requests_scaling_policy,
            PredefinedMetric(
                predefined_metric_type="ALBRequestCountPerTarget", resource_label=f"{balancer}/{group}"
            ),
            props.plan.requests_per_task,
        )

    def _create_scaling_policy(
        self, target: AppautoscalingTarget, id: str, name: str, metric: PredefinedMetric, value: int
    ) -> None:
        """Create the policy that keeps the tasks' mean of `metric` at `value`."""
        AppautoscalingPolicy(
            self,
            id,
            name=name,
            policy_type="TargetTrackingScaling",
            service_namespace=target.service_namespace,
            scalable_dimension=target.scalable_dimension,
            resource_id=target.resource_id,
            target_tracking_scaling_policy_configuration=(
                AppautoscalingPolicyTargetTrackingScalingPolicyConfiguration(
                    predefined_metric_specification=metric,
                    target_value=value,
                    scale_in_cooldown=SCALE_IN_SECONDS,
                    scale_out_cooldown=SCALE_OUT_SECONDS,
                )
            ),
        )
