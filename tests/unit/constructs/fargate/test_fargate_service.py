"""A tenant's service: its tasks, how many of them, and what they are told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.synthesis import ACCOUNT, IMAGE, THREE, SynthesizedStack, platform

TENANT = "tenants_acme-corp"
TAGS = {"tenant_id": "acme-corp", "cost_center": "acme-corp"}
HOST = "shared-platform-db-test.cluster-abcdefghijkl.us-east-1.rds.amazonaws.com"


def container(stack: SynthesizedStack) -> dict[str, Any]:
    definition = stack.one("aws_ecs_task_definition", TENANT)
    (found,) = json.loads(stack.resolved(definition["container_definitions"]))
    assert isinstance(found, dict)
    return found


def test_the_task_is_of_fargate_and_of_the_contracts_size() -> None:
    definition = platform().one("aws_ecs_task_definition", TENANT)
    assert definition["requires_compatibilities"] == ["FARGATE"]
    assert definition["network_mode"] == "awsvpc"
    assert (definition["cpu"], definition["memory"]) == ("1024", "2048")


def test_the_container_says_all_that_ecs_would_fill_in() -> None:
    """Or the second plan would replace the task definition."""
    assert container(platform()) == {
        "name": "app",
        "image": IMAGE,
        "cpu": 0,
        "essential": True,
        "environment": [
            {"name": "DATABASE_HOST", "value": HOST},
            {"name": "DATABASE_NAME", "value": "saasdb"},
            {"name": "DATABASE_PORT", "value": "5432"},
            {"name": "DATABASE_USER", "value": "tenant_acme_corp"},
            {"name": "S3_BUCKET", "value": "saas-platform-acme-corp-data-test"},
            {"name": "TENANT_ID", "value": "acme-corp"},
        ],
        "secrets": [
            {
                "name": "DATABASE_PASSWORD",
                "valueFrom": (
                    f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:rds/tenant/acme-corp/test/password-AbCdEf"
                    ":password::"
                ),
            }
        ],
        "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}],
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": "/ecs/tenant/acme-corp/test",
                "awslogs-region": "us-east-1",
                "awslogs-stream-prefix": "app",
            },
        },
        "mountPoints": [],
        "systemControls": [],
        "volumesFrom": [],
    }


def test_the_container_is_serialised_canonically() -> None:
    text = platform().one("aws_ecs_task_definition", TENANT)["container_definitions"]
    assert text == json.dumps(json.loads(text), sort_keys=True)
    names = [entry["name"] for entry in container(platform())["environment"]]
    assert names == sorted(names)


def test_the_default_image_is_nginx() -> None:
    from config.registry.models import Fargate

    assert Fargate(listener_priority=1).image == "nginx:latest"


def test_the_service_runs_in_the_private_subnets_on_the_tenants_group() -> None:
    stack = platform()
    service = stack.one("aws_ecs_service", TENANT)
    assert service["launch_type"] == "FARGATE"
    assert service["desired_count"] == 2
    assert service["network_configuration"] == {
        "assign_public_ip": False,
        "security_groups": [f"${{{stack.address('aws_security_group', TENANT)}.id}}"],
        "subnets": [f"${{{stack.address('aws_subnet', f'network_private_subnet_{z}')}.id}}" for z in "abc"],
    }
    assert service["load_balancer"] == [
        {
            "container_name": "app",
            "container_port": 80,
            "target_group_arn": f"${{{stack.address('aws_lb_target_group', TENANT)}.arn}}",
        }
    ]


def test_a_failed_deployment_rolls_back() -> None:
    service = platform().one("aws_ecs_service", TENANT)
    assert service["deployment_circuit_breaker"] == {"enable": True, "rollback": True}
    assert (service["deployment_minimum_healthy_percent"], service["deployment_maximum_percent"]) == (
        100,
        200,
    )


def test_tasks_get_the_services_tags() -> None:
    service = platform().one("aws_ecs_service", TENANT)
    assert service["propagate_tags"] == "SERVICE"
    assert service["enable_ecs_managed_tags"] is True
    assert service["tags"] == TAGS


def test_terraform_leaves_the_number_of_tasks_to_scaling() -> None:
    assert platform().one("aws_ecs_service", TENANT)["lifecycle"] == {"ignore_changes": ["desired_count"]}


def test_tasks_start_when_all_that_they_need_stands() -> None:
    stack = platform()
    needed = set(stack.one("aws_ecs_service", TENANT)["depends_on"])
    assert {
        stack.address("aws_lb_listener_rule", TENANT),
        stack.address("aws_iam_role_policy", f"{TENANT}_task_role"),
        stack.address("aws_iam_role_policy", f"{TENANT}_execution_role"),
        stack.address("aws_lambda_invocation", TENANT),
        stack.address("aws_vpc_security_group_ingress_rule", f"{TENANT}_postgresql"),
    } <= needed


@pytest.mark.parametrize(
    ("settings", "least", "most"),
    [({}, 2, 8), ({"minimum_tasks": 3, "maximum_tasks": 20}, 3, 20)],
    ids=["default", "own"],
)
def test_the_number_of_tasks_follows_their_cpu(settings: dict[str, int], least: int, most: int) -> None:
    stack = platform(settings=settings)
    target = stack.one("aws_appautoscaling_target", TENANT)
    assert (target["min_capacity"], target["max_capacity"]) == (least, most)
    assert stack.one("aws_ecs_service", TENANT)["desired_count"] == least
    assert target["resource_id"] == (
        f"service/${{{stack.address('aws_ecs_cluster')}.name}}/${{{stack.address('aws_ecs_service', TENANT)}.name}}"
    )
    policy = stack.one("aws_appautoscaling_policy", TENANT)
    assert policy["policy_type"] == "TargetTrackingScaling"
    tracking = policy["target_tracking_scaling_policy_configuration"]
    assert tracking["target_value"] == 70
    assert tracking["predefined_metric_specification"] == {
        "predefined_metric_type": "ECSServiceAverageCPUUtilization"
    }


def test_a_tenants_group_admits_the_load_balancer_alone() -> None:
    stack = platform()
    balancer = f"${{{stack.address('aws_security_group', 'load_balancer')}.id}}"
    for tenant in THREE:
        group = f"${{{stack.address('aws_security_group', f'tenants_{tenant}')}.id}}"
        assert not {"ingress", "egress"} & set(stack.one("aws_security_group", f"tenants_{tenant}"))
        (rule,) = (
            rule
            for rule in stack.all("aws_vpc_security_group_ingress_rule").values()
            if rule["security_group_id"] == group
        )
        assert (rule["ip_protocol"], rule["from_port"], rule["to_port"]) == ("tcp", 80, 80)
        assert rule["referenced_security_group_id"] == balancer
        (out,) = (
            rule
            for rule in stack.all("aws_vpc_security_group_egress_rule").values()
            if rule["security_group_id"] == group
        )
        assert (out["ip_protocol"], out["cidr_ipv4"]) == ("-1", "0.0.0.0/0")


def test_no_tenants_group_names_another_tenants() -> None:
    stack = platform()
    groups = {t: f"${{{stack.address('aws_security_group', f'tenants_{t}')}.id}}" for t in THREE}
    for kind in ("ingress", "egress"):
        for rule in stack.all(f"aws_vpc_security_group_{kind}_rule").values():
            assert {rule["security_group_id"], rule.get("referenced_security_group_id")} <= {
                *groups.values(),
                rule["security_group_id"],
                rule.get("referenced_security_group_id"),
            }
            named = [t for t, group in groups.items() if group in rule.values()]
            assert len(named) <= 1


def test_logs_are_kept_as_long_as_the_tenant_or_else_the_profile_says() -> None:
    assert platform().one("aws_cloudwatch_log_group", TENANT)["retention_in_days"] == 30
    own = platform(settings={"log_retention_days": 7})
    assert own.one("aws_cloudwatch_log_group", TENANT)["retention_in_days"] == 7
    assert own.one("aws_cloudwatch_log_group", "tenants_globex-inc")["retention_in_days"] == 30


def test_the_cluster_is_watched_and_its_log_group_encrypted() -> None:
    stack = platform()
    cluster = stack.one("aws_ecs_cluster")
    assert cluster["setting"] == [{"name": "containerInsights", "value": "enabled"}]
    group = stack.one("aws_cloudwatch_log_group", "ecs")
    assert group["name"] == "/aws/ecs/containerinsights/shared-platform-test/performance"
    assert cluster["depends_on"] == [stack.address("aws_cloudwatch_log_group", "ecs")]


def test_tasks_run_on_the_processor_that_images_are_built_for() -> None:
    definition = platform().one("aws_ecs_task_definition", TENANT)
    assert definition["runtime_platform"] == {
        "cpu_architecture": "X86_64",
        "operating_system_family": "LINUX",
    }
