"""Small Terraform roots that use each resource type in the way of this application's stacks."""

import base64
import hashlib
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emulator.server import REGION
from terraform.versions import PROVIDER_VERSION

Block = dict[str, Any]
HANDLER = "def handler(event, context):\n    return {'statusCode': 200, 'body': 'hello'}\n"


def write_root(
    folder: Path, *, resources: Mapping[str, Block], outputs: Mapping[str, str] | None = None
) -> Path:
    """Write a root with these resources (`{"aws_vpc.main": {...}}`) into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    by_type: dict[str, dict[str, Block]] = {}
    for address, settings in resources.items():
        kind, _, label = address.partition(".")
        by_type.setdefault(kind, {})[label] = settings
    root: Block = {
        "terraform": {
            "required_providers": {"aws": {"source": "hashicorp/aws", "version": PROVIDER_VERSION}}
        },
        "provider": {
            "aws": {
                "region": REGION,
                "s3_use_path_style": True,
                "max_retries": 3,
                "default_tags": [{"tags": {"ManagedBy": "CDKTF"}}],
            }
        },
        "data": {"aws_caller_identity": {"current": {}}},
        "resource": by_type,
    }
    if outputs:
        root["output"] = {name: {"value": value} for name, value in outputs.items()}
    (folder / "root.tf.json").write_text(json.dumps(root, indent=1))
    return folder


def policy(*statements: Block) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str, **more: object) -> Block:
    """An allowing statement."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def trust(service: str) -> str:
    """A trust policy for a service."""
    return policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})


def network(cidr: str = "10.1.0.0/16") -> dict[str, Block]:
    """A tenant's network: subnets, routes, endpoints, flow logs, a closed default group."""
    first, second = (cidr.replace(".0.0/16", f".{i}.0/24") for i in (0, 1))
    return {
        "aws_vpc.main": {"cidr_block": cidr, "enable_dns_hostnames": True, "enable_dns_support": True},
        "aws_default_security_group.closed": {"vpc_id": "${aws_vpc.main.id}"},
        "aws_subnet.a": {
            "vpc_id": "${aws_vpc.main.id}",
            "cidr_block": first,
            "availability_zone": f"{REGION}a",
            "map_public_ip_on_launch": False,
        },
        "aws_subnet.b": {
            "vpc_id": "${aws_vpc.main.id}",
            "cidr_block": second,
            "availability_zone": f"{REGION}b",
            "map_public_ip_on_launch": False,
        },
        "aws_route_table.private": {"vpc_id": "${aws_vpc.main.id}"},
        "aws_route_table_association.a": {
            "subnet_id": "${aws_subnet.a.id}",
            "route_table_id": "${aws_route_table.private.id}",
        },
        "aws_vpc_endpoint.s3": {
            "vpc_id": "${aws_vpc.main.id}",
            "service_name": f"com.amazonaws.{REGION}.s3",
            "vpc_endpoint_type": "Gateway",
            "route_table_ids": ["${aws_route_table.private.id}"],
            "policy": policy(allow("s3:*", "arn:aws:s3:::mine/*", Principal="*")),
        },
        "aws_vpc_endpoint.dynamodb": {
            "vpc_id": "${aws_vpc.main.id}",
            "service_name": f"com.amazonaws.{REGION}.dynamodb",
            "vpc_endpoint_type": "Gateway",
            "route_table_ids": ["${aws_route_table.private.id}"],
        },
        "aws_vpc_endpoint.kms": {
            "vpc_id": "${aws_vpc.main.id}",
            "service_name": f"com.amazonaws.{REGION}.kms",
            "vpc_endpoint_type": "Interface",
            "subnet_ids": ["${aws_subnet.a.id}", "${aws_subnet.b.id}"],
            "security_group_ids": ["${aws_security_group.functions.id}"],
            "private_dns_enabled": True,
        },
        "aws_security_group.functions": {
            "name": "functions",
            "description": "f",
            "vpc_id": "${aws_vpc.main.id}",
        },
        "aws_vpc_security_group_ingress_rule.https": {
            "security_group_id": "${aws_security_group.functions.id}",
            "cidr_ipv4": cidr,
            "from_port": 443,
            "to_port": 443,
            "ip_protocol": "tcp",
        },
        "aws_vpc_security_group_egress_rule.s3": {
            "security_group_id": "${aws_security_group.functions.id}",
            "prefix_list_id": "${aws_vpc_endpoint.s3.prefix_list_id}",
            "from_port": 443,
            "to_port": 443,
            "ip_protocol": "tcp",
        },
        "aws_flow_log.vpc": {
            "vpc_id": "${aws_vpc.main.id}",
            "traffic_type": "ALL",
            "log_destination": "${aws_cloudwatch_log_group.flow.arn}",
            "iam_role_arn": "${aws_iam_role.flow.arn}",
            "max_aggregation_interval": 60,
        },
        "aws_cloudwatch_log_group.flow": {"name": "/vpc/flow", "retention_in_days": 30},
        "aws_iam_role.flow": {
            "name": "flow",
            "assume_role_policy": trust("vpc-flow-logs.amazonaws.com"),
        },
    }


def data_stores() -> dict[str, Block]:
    """A tenant's key, bucket and table; no lifecycle rules, for which the provider waits a minute."""
    return {
        "aws_kms_key.main": {
            "enable_key_rotation": True,
            "deletion_window_in_days": 7,
            "policy": policy(
                allow(
                    "kms:*",
                    "*",
                    Principal={"AWS": "arn:aws:iam::${data.aws_caller_identity.current.account_id}:root"},
                )
            ),
        },
        "aws_kms_alias.main": {"name": "alias/tenant", "target_key_id": "${aws_kms_key.main.key_id}"},
        "aws_s3_bucket.data": {"bucket_prefix": "tenant-data-", "force_destroy": True},
        "aws_s3_bucket_versioning.data": {
            "bucket": "${aws_s3_bucket.data.id}",
            "versioning_configuration": [{"status": "Enabled"}],
        },
        "aws_s3_bucket_server_side_encryption_configuration.data": {
            "bucket": "${aws_s3_bucket.data.id}",
            "rule": [
                {
                    "bucket_key_enabled": True,
                    "apply_server_side_encryption_by_default": [
                        {"sse_algorithm": "aws:kms", "kms_master_key_id": "${aws_kms_key.main.arn}"}
                    ],
                }
            ],
        },
        "aws_s3_bucket_public_access_block.data": {
            "bucket": "${aws_s3_bucket.data.id}",
            "block_public_acls": True,
            "block_public_policy": True,
            "ignore_public_acls": True,
            "restrict_public_buckets": True,
        },
        "aws_s3_bucket_ownership_controls.data": {
            "bucket": "${aws_s3_bucket.data.id}",
            "rule": [{"object_ownership": "BucketOwnerEnforced"}],
        },
        "aws_s3_bucket_policy.data": {
            "bucket": "${aws_s3_bucket.data.id}",
            "policy": policy(
                {
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": "s3:*",
                    "Resource": ["${aws_s3_bucket.data.arn}", "${aws_s3_bucket.data.arn}/*"],
                    "Condition": {"Bool": {"aws:SecureTransport": "false"}},
                }
            ),
        },
        "aws_s3_bucket_intelligent_tiering_configuration.data": {
            "bucket": "${aws_s3_bucket.data.id}",
            "name": "EntireBucket",
            "tiering": [
                {"access_tier": "ARCHIVE_ACCESS", "days": 90},
                {"access_tier": "DEEP_ARCHIVE_ACCESS", "days": 180},
            ],
        },
        "aws_dynamodb_table.metadata": {
            "name": "metadata",
            "billing_mode": "PAY_PER_REQUEST",
            "hash_key": "tenant_id",
            "range_key": "resource_type",
            "attribute": [{"name": "tenant_id", "type": "S"}, {"name": "resource_type", "type": "S"}],
            "point_in_time_recovery": [{"enabled": True}],
            "server_side_encryption": [{"enabled": True, "kms_key_arn": "${aws_kms_key.main.arn}"}],
        },
        "aws_dynamodb_contributor_insights.metadata": {"table_name": "${aws_dynamodb_table.metadata.name}"},
    }


def api(folder: Path) -> dict[str, Block]:
    """A tenant's function behind an HTTP API, its user pool, its rule and its dead letters."""
    archive = folder / "handler.zip"
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr(zipfile.ZipInfo("app.py"), HANDLER)
    digest = base64.b64encode(hashlib.sha256(archive.read_bytes()).digest()).decode()
    return {
        "aws_iam_role.api": {"name": "api", "assume_role_policy": trust("lambda.amazonaws.com")},
        "aws_iam_role_policy.api": {
            "name": "api",
            "role": "${aws_iam_role.api.id}",
            "policy": policy(allow("sqs:SendMessage", "${aws_sqs_queue.letters.arn}")),
        },
        "aws_cloudwatch_log_group.api": {
            "name": "/aws/lambda/api",
            "retention_in_days": 30,
            "kms_key_id": "${aws_kms_key.main.arn}",
        },
        "aws_sqs_queue.letters": {
            "name": "letters",
            "kms_master_key_id": "${aws_kms_key.main.arn}",
            "message_retention_seconds": 1209600,
        },
        "aws_sqs_queue_policy.letters": {
            "queue_url": "${aws_sqs_queue.letters.id}",
            "policy": policy(
                allow(
                    "sqs:SendMessage",
                    "${aws_sqs_queue.letters.arn}",
                    Principal={"Service": "events.amazonaws.com"},
                    Condition={"ArnEquals": {"aws:SourceArn": "${aws_cloudwatch_event_rule.signup.arn}"}},
                )
            ),
        },
        "aws_lambda_function.api": {
            "function_name": "api",
            "role": "${aws_iam_role.api.arn}",
            "runtime": "python3.13",
            "handler": "app.handler",
            "filename": str(archive),
            "source_code_hash": digest,
            "memory_size": 256,
            "timeout": 60,
            "reserved_concurrent_executions": 10,
            "kms_key_arn": "${aws_kms_key.main.arn}",
            "environment": [{"variables": {"TENANT_ID": "acme"}}],
            "tracing_config": [{"mode": "Active"}],
            "dead_letter_config": [{"target_arn": "${aws_sqs_queue.letters.arn}"}],
            "vpc_config": [
                {
                    "subnet_ids": ["${aws_subnet.a.id}", "${aws_subnet.b.id}"],
                    "security_group_ids": ["${aws_security_group.functions.id}"],
                }
            ],
            "logging_config": [
                {
                    "log_format": "JSON",
                    "log_group": "${aws_cloudwatch_log_group.api.name}",
                    "application_log_level": "INFO",
                    "system_log_level": "WARN",
                }
            ],
        },
        "aws_lambda_function_event_invoke_config.api": {
            "function_name": "${aws_lambda_function.api.function_name}",
            "maximum_event_age_in_seconds": 3600,
            "maximum_retry_attempts": 2,
            "destination_config": [{"on_failure": [{"destination": "${aws_sqs_queue.letters.arn}"}]}],
        },
        "aws_cognito_user_pool.users": {
            "name": "users",
            "deletion_protection": "INACTIVE",
            "admin_create_user_config": [{"allow_admin_create_user_only": True}],
            "password_policy": [
                {
                    "minimum_length": 14,
                    "require_lowercase": True,
                    "require_numbers": True,
                    "require_symbols": True,
                    "require_uppercase": True,
                    "temporary_password_validity_days": 7,
                }
            ],
            "mfa_configuration": "OFF",
        },
        "aws_cognito_user_pool_client.api": {
            "name": "api",
            "user_pool_id": "${aws_cognito_user_pool.users.id}",
            "explicit_auth_flows": ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
            "generate_secret": False,
            "prevent_user_existence_errors": "ENABLED",
            "access_token_validity": 60,
            "token_validity_units": [
                {"access_token": "minutes", "id_token": "minutes", "refresh_token": "days"}
            ],
        },
        "aws_apigatewayv2_api.http": {"name": "http", "protocol_type": "HTTP"},
        "aws_apigatewayv2_authorizer.jwt": {
            "api_id": "${aws_apigatewayv2_api.http.id}",
            "authorizer_type": "JWT",
            "identity_sources": ["$request.header.Authorization"],
            "name": "jwt",
            "jwt_configuration": [
                {
                    "audience": ["${aws_cognito_user_pool_client.api.id}"],
                    "issuer": "https://${aws_cognito_user_pool.users.endpoint}",
                }
            ],
        },
        "aws_apigatewayv2_integration.api": {
            "api_id": "${aws_apigatewayv2_api.http.id}",
            "integration_type": "AWS_PROXY",
            "integration_uri": "${aws_lambda_function.api.invoke_arn}",
            "payload_format_version": "2.0",
        },
        "aws_apigatewayv2_route.default": {
            "api_id": "${aws_apigatewayv2_api.http.id}",
            "route_key": "$default",
            "authorization_type": "JWT",
            "authorizer_id": "${aws_apigatewayv2_authorizer.jwt.id}",
            "target": "integrations/${aws_apigatewayv2_integration.api.id}",
        },
        "aws_cloudwatch_log_group.access": {"name": "/aws/apigateway/http", "retention_in_days": 30},
        "aws_apigatewayv2_stage.default": {
            "api_id": "${aws_apigatewayv2_api.http.id}",
            "name": "$default",
            "auto_deploy": True,
            "access_log_settings": [
                {
                    "destination_arn": "${aws_cloudwatch_log_group.access.arn}",
                    "format": json.dumps({"requestId": "$context.requestId"}),
                }
            ],
            "default_route_settings": [
                {
                    "throttling_burst_limit": 20,
                    "throttling_rate_limit": 10,
                    "detailed_metrics_enabled": True,
                }
            ],
        },
        "aws_lambda_permission.http": {
            "statement_id": "AllowHttpApiInvoke",
            "action": "lambda:InvokeFunction",
            "function_name": "${aws_lambda_function.api.function_name}",
            "principal": "apigateway.amazonaws.com",
            "source_arn": "${aws_apigatewayv2_api.http.execution_arn}/*/*",
        },
        "aws_cloudwatch_event_rule.signup": {
            "name": "signup",
            "event_pattern": json.dumps({"source": ["custom.signup"], "detail": {"tenantId": ["acme"]}}),
        },
        "aws_cloudwatch_event_target.signup": {
            "rule": "${aws_cloudwatch_event_rule.signup.name}",
            "target_id": "tenant-acme-lambda-target",
            "arn": "${aws_lambda_function.api.arn}",
            "retry_policy": [{"maximum_event_age_in_seconds": 3600, "maximum_retry_attempts": 4}],
            "dead_letter_config": [{"arn": "${aws_sqs_queue.letters.arn}"}],
        },
        "aws_lambda_permission.events": {
            "statement_id": "AllowEventBridgeInvoke",
            "action": "lambda:InvokeFunction",
            "function_name": "${aws_lambda_function.api.function_name}",
            "principal": "events.amazonaws.com",
            "source_arn": "${aws_cloudwatch_event_rule.signup.arn}",
        },
        "aws_cloudwatch_metric_alarm.errors": {
            "alarm_name": "errors",
            "alarm_description": "The function fails",
            "namespace": "AWS/Lambda",
            "metric_name": "Errors",
            "statistic": "Sum",
            "period": 300,
            "evaluation_periods": 1,
            "threshold": 1,
            "comparison_operator": "GreaterThanOrEqualToThreshold",
            "treat_missing_data": "notBreaching",
            "dimensions": {"FunctionName": "${aws_lambda_function.api.function_name}"},
        },
    }


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
