"""The shared platform's root."""

import json

from emulator.server import REGION
from tests.emulator.roots.writing import Block, trust


def platform() -> dict[str, Block]:
    """The shared platform's database, load balancer, service with scaling, and alarm."""
    subnets = ["${aws_subnet.a.id}", "${aws_subnet.b.id}"]
    return {
        "aws_vpc.main": {"cidr_block": "10.0.0.0/16", "enable_dns_hostnames": True},
        "aws_subnet.a": {
            "vpc_id": "${aws_vpc.main.id}",
            "cidr_block": "10.0.11.0/24",
            "availability_zone": f"{REGION}a",
        },
        "aws_subnet.b": {
            "vpc_id": "${aws_vpc.main.id}",
            "cidr_block": "10.0.12.0/24",
            "availability_zone": f"{REGION}b",
        },
        "aws_internet_gateway.main": {"vpc_id": "${aws_vpc.main.id}"},
        "aws_security_group.all": {"name": "all", "description": "all", "vpc_id": "${aws_vpc.main.id}"},
        "aws_vpc_security_group_ingress_rule.database": {
            "security_group_id": "${aws_security_group.all.id}",
            "referenced_security_group_id": "${aws_security_group.all.id}",
            "from_port": 5432,
            "to_port": 5432,
            "ip_protocol": "tcp",
        },
        "aws_kms_key.main": {"enable_key_rotation": True, "deletion_window_in_days": 7},
        "aws_db_subnet_group.main": {"name": "platform", "subnet_ids": subnets},
        "aws_rds_cluster_parameter_group.main": {
            "name": "platform",
            "family": "aurora-postgresql15",
            "parameter": [
                {
                    "name": "shared_preload_libraries",
                    "value": "pg_stat_statements",
                    "apply_method": "pending-reboot",
                },
                {"name": "rds.force_ssl", "value": "1"},
            ],
        },
        "aws_rds_cluster.main": {
            "cluster_identifier": "platform",
            "engine": "aurora-postgresql",
            "engine_version": "15",
            "database_name": "saasdb",
            "master_username": "platform",
            "manage_master_user_password": True,
            "master_user_secret_kms_key_id": "${aws_kms_key.main.key_id}",
            "db_subnet_group_name": "${aws_db_subnet_group.main.name}",
            "db_cluster_parameter_group_name": "${aws_rds_cluster_parameter_group.main.name}",
            "vpc_security_group_ids": ["${aws_security_group.all.id}"],
            "storage_encrypted": True,
            "kms_key_id": "${aws_kms_key.main.arn}",
            "enabled_cloudwatch_logs_exports": ["postgresql"],
            "skip_final_snapshot": True,
            "copy_tags_to_snapshot": True,
            "backup_retention_period": 7,
            "iam_database_authentication_enabled": True,
        },
        "aws_iam_role.monitoring": {
            "name": "monitoring",
            "assume_role_policy": trust("monitoring.rds.amazonaws.com"),
        },
        "aws_rds_cluster_instance.writer": {
            "identifier": "platform-writer",
            "cluster_identifier": "${aws_rds_cluster.main.id}",
            "instance_class": "db.r6g.large",
            "engine": "aurora-postgresql",
            "performance_insights_enabled": True,
            "performance_insights_kms_key_id": "${aws_kms_key.main.arn}",
            "monitoring_interval": 60,
            "monitoring_role_arn": "${aws_iam_role.monitoring.arn}",
            "publicly_accessible": False,
        },
        "aws_lb.main": {
            "name": "platform",
            "load_balancer_type": "application",
            "subnets": subnets,
            "security_groups": ["${aws_security_group.all.id}"],
            "drop_invalid_header_fields": True,
            "depends_on": ["aws_internet_gateway.main"],
        },
        "aws_lb_listener.http": {
            "load_balancer_arn": "${aws_lb.main.arn}",
            "port": 80,
            "protocol": "HTTP",
            "default_action": [
                {
                    "type": "fixed-response",
                    "fixed_response": [
                        {"content_type": "text/plain", "message_body": "Invalid tenant", "status_code": "404"}
                    ],
                }
            ],
        },
        "aws_lb_target_group.web": {
            "name": "web",
            "port": 80,
            "protocol": "HTTP",
            "target_type": "ip",
            "vpc_id": "${aws_vpc.main.id}",
            "health_check": [{"path": "/", "matcher": "200-399"}],
        },
        "aws_lb_listener_rule.web": {
            "listener_arn": "${aws_lb_listener.http.arn}",
            "priority": 1,
            "action": [{"type": "forward", "target_group_arn": "${aws_lb_target_group.web.arn}"}],
            "condition": [{"host_header": [{"values": ["acme.example.com", "*.acme.example.com"]}]}],
        },
        "aws_ecs_cluster.main": {
            "name": "platform",
            "setting": [{"name": "containerInsights", "value": "enabled"}],
        },
        "aws_iam_role.task": {"name": "task", "assume_role_policy": trust("ecs-tasks.amazonaws.com")},
        "aws_secretsmanager_secret.tenant": {
            "name": "rds/tenant/acme/test/password",
            "kms_key_id": "${aws_kms_key.main.arn}",
            "recovery_window_in_days": 0,
        },
        "aws_ecs_task_definition.web": {
            "family": "web",
            "requires_compatibilities": ["FARGATE"],
            "network_mode": "awsvpc",
            "cpu": "1024",
            "memory": "2048",
            "execution_role_arn": "${aws_iam_role.task.arn}",
            "task_role_arn": "${aws_iam_role.task.arn}",
            "container_definitions": json.dumps(
                [
                    {
                        "name": "web",
                        "image": "nginx:latest",
                        "essential": True,
                        "portMappings": [{"containerPort": 80, "hostPort": 80, "protocol": "tcp"}],
                        "secrets": [
                            {"name": "PASSWORD", "valueFrom": "${aws_secretsmanager_secret.tenant.arn}"}
                        ],
                    }
                ]
            ),
        },
        "aws_ecs_service.web": {
            "name": "web",
            "cluster": "${aws_ecs_cluster.main.id}",
            "task_definition": "${aws_ecs_task_definition.web.arn}",
            "desired_count": 2,
            "launch_type": "FARGATE",
            "propagate_tags": "SERVICE",
            "enable_ecs_managed_tags": True,
            "network_configuration": [
                {
                    "subnets": subnets,
                    "security_groups": ["${aws_security_group.all.id}"],
                    "assign_public_ip": False,
                }
            ],
            "load_balancer": [
                {
                    "target_group_arn": "${aws_lb_target_group.web.arn}",
                    "container_name": "web",
                    "container_port": 80,
                }
            ],
            "deployment_circuit_breaker": [{"enable": True, "rollback": True}],
            "lifecycle": {"ignore_changes": ["desired_count"]},
            "depends_on": ["aws_lb_listener_rule.web"],
        },
        "aws_appautoscaling_target.web": {
            "service_namespace": "ecs",
            "resource_id": "service/${aws_ecs_cluster.main.name}/${aws_ecs_service.web.name}",
            "scalable_dimension": "ecs:service:DesiredCount",
            "min_capacity": 2,
            "max_capacity": 8,
        },
        "aws_appautoscaling_policy.cpu": {
            "name": "cpu",
            "policy_type": "TargetTrackingScaling",
            "service_namespace": "${aws_appautoscaling_target.web.service_namespace}",
            "resource_id": "${aws_appautoscaling_target.web.resource_id}",
            "scalable_dimension": "${aws_appautoscaling_target.web.scalable_dimension}",
            "target_tracking_scaling_policy_configuration": [
                {
                    "target_value": 70,
                    "predefined_metric_specification": [
                        {"predefined_metric_type": "ECSServiceAverageCPUUtilization"}
                    ],
                }
            ],
        },
        "aws_cloudwatch_metric_alarm.cpu": {
            "alarm_name": "cpu",
            "alarm_description": "The database is busy",
            "namespace": "AWS/RDS",
            "metric_name": "CPUUtilization",
            "statistic": "Average",
            "period": 300,
            "evaluation_periods": 2,
            "threshold": 80,
            "comparison_operator": "GreaterThanThreshold",
            "dimensions": {"DBClusterIdentifier": "${aws_rds_cluster.main.id}"},
        },
    }
