"""A tenant's service: its tasks, how many of them, and what they are told."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from typing import Any

from constructs.fargate.fargate_service import FargateService, FargateServiceProps
from constructs.fargate.host_route import HostRoute, HostRouteProps
from tenancy.containers import TraceCollector
from tests.construct import FARGATE_PLAN, Surroundings, alone
from tests.synthesis import IMAGE, StackDocument

TAGS = {"tenant_id": "acme-corp", "cost_center": "acme-corp"}


IN_MEMORY = {"mountOptions": ["noexec", "nosuid", "nodev", "uid=101", "gid=102"], "size": 64}
CONFINED = {
    "readonlyRootFilesystem": True,
    "user": "101:102",
    "linuxParameters": {
        "capabilities": {"add": [], "drop": ["ALL"]},
        "tmpfs": [{"containerPath": "/tmp", **IN_MEMORY}, {"containerPath": "/run", **IN_MEMORY}],
    },
    "systemControls": [{"namespace": "net.ipv4.ip_unprivileged_port_start", "value": "0"}],
}


@cache
def service(*, confined: bool = True, collector: TraceCollector | None = None) -> StackDocument:
    """A service that waits for a subnet among other things, and whose variables come unsorted."""

    def build(around: Surroundings) -> None:
        network, load_balancer = around.network, around.load_balancer
        route = HostRouteProps(
            name="acme",
            host="acme.org",
            custom_hosts=(),
            custom_certificate=None,
            priority=1,
            load_balancer=load_balancer,
            vpc=network.vpc,
            tags={},
        )
        props = FargateServiceProps(
            plan=FARGATE_PLAN if confined else replace(FARGATE_PLAN, confinement=None),
            account=around.account,
            network=network,
            cluster=around.cluster,
            load_balancer=load_balancer,
            security_group=around.security_group,
            route=HostRoute(around.stack, "route", route),
            log_group=around.log_group,
            task_role=around.role("task_role"),
            execution_role=around.role("execution_role"),
            collector=collector,
            environment={"TENANT_ID": "acme-corp", "S3_BUCKET": "a-bucket"},
            secrets={"PASSWORD": "arn:of:a:secret:password::", "OTHER": "arn:of:a:secret:other::"},
            after=[around.subnet],
        )
        FargateService(around.stack, "service", props)

    return alone(build)


def test_the_task_is_of_fargate_and_of_the_contracts_size_and_processor() -> None:
    stack = service()
    definition = stack.one("aws_ecs_task_definition")
    del definition["container_definitions"]
    assert definition == {
        "family": "saas-platform-acme-corp-task-test",
        "requires_compatibilities": ["FARGATE"],
        "network_mode": "awsvpc",
        "cpu": "1024",
        "memory": "2048",
        "runtime_platform": {"cpu_architecture": "X86_64", "operating_system_family": "LINUX"},
        "task_role_arn": stack.reference("aws_iam_role", "task_role"),
        "execution_role_arn": stack.reference("aws_iam_role", "execution_role"),
        "tags": TAGS,
    }


def container(stack: StackDocument | None = None) -> dict[str, Any]:
    found_in = stack or service()
    text = found_in.one("aws_ecs_task_definition")["container_definitions"]
    (found,) = json.loads(found_in.resolved(text))
    assert isinstance(found, dict)
    return found


def test_the_container_says_all_that_ecs_would_fill_in() -> None:
    """Or the second plan would replace the task definition."""
    assert container() == {
        "name": "app",
        "image": IMAGE,
        "cpu": 0,
        "essential": True,
        "environment": [
            {"name": "S3_BUCKET", "value": "a-bucket"},
            {"name": "TENANT_ID", "value": "acme-corp"},
        ],
        "secrets": [
            {"name": "OTHER", "valueFrom": "arn:of:a:secret:other::"},
            {"name": "PASSWORD", "valueFrom": "arn:of:a:secret:password::"},
        ],
        "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "/a/log-group",
                "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": "app",
            },
        },
        "mountPoints": [],
        "volumesFrom": [],
        **CONFINED,
    }


def test_a_container_runs_as_its_image_says_where_that_is_the_registrys_choice() -> None:
    said = container(service(confined=False))
    assert not {"user", "readonlyRootFilesystem", "linuxParameters"} & set(said)
    assert said == {key: value for key, value in container().items() if key not in CONFINED} | {
        "systemControls": []
    }


def test_the_container_is_serialised_canonically() -> None:
    text = service().one("aws_ecs_task_definition")["container_definitions"]
    assert text == json.dumps(json.loads(text), sort_keys=True)


def test_the_service_runs_in_the_private_subnets_rolls_back_and_waits_for_what_tasks_need() -> None:
    """Tasks inherit no tag unless told to; their number is left to scaling."""
    stack = service()
    balanced = {
        "container_name": "app",
        "container_port": 80,
        "target_group_arn": stack.reference("aws_lb_target_group"),
    }
    assert stack.one("aws_ecs_service") == {
        "name": "saas-platform-acme-corp-service-test",
        "cluster": stack.reference("aws_ecs_cluster"),
        "task_definition": stack.reference("aws_ecs_task_definition"),
        "launch_type": "FARGATE",
        "desired_count": 2,
        "availability_zone_rebalancing": "ENABLED",
        "network_configuration": {
            "assign_public_ip": False,
            "security_groups": [stack.reference("aws_security_group", "security_group", "id")],
            "subnets": [stack.reference("aws_subnet", f"network_private_subnet_{z}", "id") for z in "ab"],
        },
        "load_balancer": [balanced],
        "health_check_grace_period_seconds": 60,
        "deployment_minimum_healthy_percent": 100,
        "deployment_maximum_percent": 200,
        "deployment_circuit_breaker": {"enable": True, "rollback": True},
        "propagate_tags": "SERVICE",
        "enable_ecs_managed_tags": True,
        "tags": TAGS,
        "lifecycle": {"ignore_changes": ["desired_count"]},
        "depends_on": [
            stack.address("aws_lb_listener_rule"),
            stack.address("aws_route", "network_public_default_route"),
            *(
                address
                for zone in "ab"
                for address in (
                    stack.address("aws_route", f"network_private_default_route_{zone}"),
                    stack.address("aws_route_table_association", f"network_private_association_{zone}"),
                )
            ),
            stack.address("aws_subnet", "subnet"),
        ],
    }


def test_the_number_of_tasks_follows_their_cpu_and_their_requests() -> None:
    stack = service()
    cluster = stack.reference("aws_ecs_cluster", attribute="name")
    name = stack.reference("aws_ecs_service", attribute="name")
    assert stack.one("aws_appautoscaling_target") == {
        "service_namespace": "ecs",
        "scalable_dimension": "ecs:service:DesiredCount",
        "resource_id": f"service/{cluster}/{name}",
        "min_capacity": 2,
        "max_capacity": 8,
        "tags": TAGS,
    }
    target = {
        attribute: stack.reference("aws_appautoscaling_target", attribute=attribute)
        for attribute in ("service_namespace", "scalable_dimension", "resource_id")
    }
    balancer = stack.reference("aws_lb", attribute="arn_suffix")
    group = stack.reference("aws_lb_target_group", attribute="arn_suffix")
    by_requests = {
        "predefined_metric_type": "ALBRequestCountPerTarget",
        "resource_label": f"{balancer}/{group}",
    }
    by_cpu = {"predefined_metric_type": "ECSServiceAverageCPUUtilization"}
    for role, name, metric, value in (
        ("service_scaling_policy", "cpu", by_cpu, 70),
        ("service_requests_scaling_policy", "requests", by_requests, 700),
    ):
        assert stack.one("aws_appautoscaling_policy", role) == {
            **target,
            "name": f"saas-platform-acme-corp-{name}-test",
            "policy_type": "TargetTrackingScaling",
            "target_tracking_scaling_policy_configuration": {
                "predefined_metric_specification": metric,
                "target_value": value,
                "scale_in_cooldown": 300,
                "scale_out_cooldown": 60,
            },
        }


def test_a_collector_takes_traces_from_the_task_alone_and_cannot_do_anything_else() -> None:
    image = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/adot@sha256:" + "0" * 64
    stack = service(collector=TraceCollector(image=image, repository=None))
    app, collector = json.loads(stack.one("aws_ecs_task_definition")["container_definitions"])
    (alone,) = json.loads(service().one("aws_ecs_task_definition")["container_definitions"])
    assert app == alone | {"cpu": 960}
    configuration = json.loads(collector["environment"][0].pop("value"))
    assert collector == {
        "name": "collector",
        "image": image,
        "cpu": 64,
        "memory": 256,
        "essential": False,
        "environment": [{"name": "AOT_CONFIG_CONTENT"}],
        "healthCheck": {
            "command": ["CMD", "/healthcheck"],
            "interval": 30,
            "retries": 3,
            "startPeriod": 10,
            "timeout": 5,
        },
        "linuxParameters": {"capabilities": {"add": [], "drop": ["ALL"]}},
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": app["logConfiguration"]["options"] | {"awslogs-stream-prefix": "collector"},
        },
        "mountPoints": [],
        "portMappings": [],
        "readonlyRootFilesystem": True,
        "systemControls": [],
        "user": "4317:4317",
        "volumesFrom": [],
    }
    assert configuration == {
        "exporters": {"awsxray": {"indexed_attributes": ["otel.resource.tenant_id"], "region": "eu-west-1"}},
        "extensions": {"health_check": {"endpoint": "127.0.0.1:13133"}},
        "processors": {
            "batch/traces": {"send_batch_size": 50, "timeout": "1s"},
            "memory_limiter": {"check_interval": "1s", "limit_mib": 192, "spike_limit_mib": 51},
        },
        "receivers": {
            "otlp": {
                "protocols": {"grpc": {"endpoint": "127.0.0.1:4317"}, "http": {"endpoint": "127.0.0.1:4318"}}
            }
        },
        "service": {
            "extensions": ["health_check"],
            "pipelines": {
                "traces": {
                    "exporters": ["awsxray"],
                    "processors": ["memory_limiter", "batch/traces"],
                    "receivers": ["otlp"],
                }
            },
        },
    }
