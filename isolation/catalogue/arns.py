"""How AWS writes the ARNs of resources, and which of their attributes follow from a name or an ARN.

In the templates `p`, `r` and `a` are partition, region and account; `name` is the resource's name, or a fresh symbol
where AWS makes the name up (see `isolation.synthesized.stack`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

PARTITION: Final = "aws"
DEFAULT_REGION: Final = "us-east-1"

EXECUTION_ARN: Final = "arn:{p}:execute-api:{r}:{a}:{symbol}"
MANAGED_PASSWORD: Final = "arn:{p}:secretsmanager:{r}:{a}:secret:rds!cluster-{symbol}"  # noqa: S105 (an ARN)
"""The secret in which RDS keeps a cluster's master password."""

QUEUE_URL: Final = "https://sqs.{r}.amazonaws.com/{a}/{name}"
TASKS: Final = "arn:{p}:ecs:{r}:{a}:task/{cluster}/{symbol}"
"""The tasks of a service: they run in its cluster, under ids of their own."""

BUILDS: Final = "arn:{p}:codebuild:{r}:{a}:build/{name}"
EXECUTIONS: Final = "arn:{p}:states:{r}:{a}:execution:{name}"
MAP_RUNS: Final = "arn:{p}:states:{r}:{a}:mapRun:{name}"
"""What a project's builds and a state machine's executions and map runs are named after."""

ARNS: Final[Mapping[str, tuple[str, str]]] = {
    "aws_acm_certificate": ("arn:{p}:acm:{r}:{a}:certificate/{name}", ""),
    "aws_apigatewayv2_api": ("arn:{p}:apigateway:{r}::/apis/{name}", ""),
    "aws_backup_plan": ("arn:{p}:backup:{r}:{a}:backup-plan:{name}", ""),
    "aws_backup_vault": ("arn:{p}:backup:{r}:{a}:backup-vault:{name}", "name"),
    "aws_cloudwatch_dashboard": ("arn:{p}:cloudwatch::{a}:dashboard/{name}", "dashboard_name"),
    "aws_cloudwatch_event_bus": ("arn:{p}:events:{r}:{a}:event-bus/{name}", "name"),
    "aws_cloudwatch_event_rule": ("arn:{p}:events:{r}:{a}:rule/{bus}{name}", "name"),
    "aws_cloudwatch_log_group": ("arn:{p}:logs:{r}:{a}:log-group:{name}", "name"),
    "aws_cloudwatch_metric_alarm": ("arn:{p}:cloudwatch:{r}:{a}:alarm:{name}", "alarm_name"),
    "aws_codebuild_project": ("arn:{p}:codebuild:{r}:{a}:project/{name}", "name"),
    "aws_cognito_user_pool": ("arn:{p}:cognito-idp:{r}:{a}:userpool/{name}", ""),
    "aws_db_subnet_group": ("arn:{p}:rds:{r}:{a}:subgrp:{name}", "name"),
    "aws_dynamodb_table": ("arn:{p}:dynamodb:{r}:{a}:table/{name}", "name"),
    "aws_ec2_managed_prefix_list": ("arn:{p}:ec2:{r}:{a}:prefix-list/{name}", ""),
    "aws_ecr_repository": ("arn:{p}:ecr:{r}:{a}:repository/{name}", "name"),
    "aws_ecs_cluster": ("arn:{p}:ecs:{r}:{a}:cluster/{name}", "name"),
    "aws_ecs_service": ("arn:{p}:ecs:{r}:{a}:service/{cluster}/{name}", "name"),
    "aws_ecs_task_definition": ("arn:{p}:ecs:{r}:{a}:task-definition/{name}:{fresh}", "family"),
    "aws_eip": ("arn:{p}:ec2:{r}:{a}:elastic-ip/{name}", ""),
    "aws_flow_log": ("arn:{p}:ec2:{r}:{a}:vpc-flow-log/{name}", ""),
    "aws_iam_instance_profile": ("arn:{p}:iam::{a}:instance-profile{path}{name}", "name"),
    "aws_iam_policy": ("arn:{p}:iam::{a}:policy{path}{name}", "name"),
    "aws_iam_role": ("arn:{p}:iam::{a}:role{path}{name}", "name"),
    "aws_iam_service_linked_role": (
        "arn:{p}:iam::{a}:role/aws-service-role/{name}/{fresh}",
        "aws_service_name",
    ),
    "aws_iam_user": ("arn:{p}:iam::{a}:user{path}{name}", "name"),
    "aws_internet_gateway": ("arn:{p}:ec2:{r}:{a}:internet-gateway/{name}", ""),
    "aws_kms_alias": ("arn:{p}:kms:{r}:{a}:{name}", "name"),
    "aws_kms_key": ("arn:{p}:kms:{r}:{a}:key/{name}", ""),
    "aws_lambda_event_source_mapping": ("arn:{p}:lambda:{r}:{a}:event-source-mapping:{name}", ""),
    "aws_lambda_function": ("arn:{p}:lambda:{r}:{a}:function:{name}", "function_name"),
    "aws_lb": ("arn:{p}:elasticloadbalancing:{r}:{a}:loadbalancer/app/{name}/{fresh}", "name"),
    "aws_lb_listener": ("arn:{p}:elasticloadbalancing:{r}:{a}:listener/app/{name}", ""),
    "aws_lb_listener_rule": ("arn:{p}:elasticloadbalancing:{r}:{a}:listener-rule/app/{name}", ""),
    "aws_lb_target_group": ("arn:{p}:elasticloadbalancing:{r}:{a}:targetgroup/{name}/{fresh}", "name"),
    "aws_nat_gateway": ("arn:{p}:ec2:{r}:{a}:natgateway/{name}", ""),
    "aws_network_acl": ("arn:{p}:ec2:{r}:{a}:network-acl/{name}", ""),
    "aws_rds_cluster": ("arn:{p}:rds:{r}:{a}:cluster:{name}", "cluster_identifier"),
    "aws_rds_cluster_instance": ("arn:{p}:rds:{r}:{a}:db:{name}", "identifier"),
    "aws_rds_cluster_parameter_group": ("arn:{p}:rds:{r}:{a}:cluster-pg:{name}", "name"),
    "aws_route_table": ("arn:{p}:ec2:{r}:{a}:route-table/{name}", ""),
    "aws_s3_bucket": ("arn:{p}:s3:::{name}", "bucket"),
    "aws_secretsmanager_secret": ("arn:{p}:secretsmanager:{r}:{a}:secret:{name}-{random}", "name"),
    "aws_security_group": ("arn:{p}:ec2:{r}:{a}:security-group/{name}", ""),
    "aws_sfn_state_machine": ("arn:{p}:states:{r}:{a}:stateMachine:{name}", "name"),
    "aws_sns_topic": ("arn:{p}:sns:{r}:{a}:{name}", "name"),
    "aws_sqs_queue": ("arn:{p}:sqs:{r}:{a}:{name}", "name"),
    "aws_ssm_parameter": ("arn:{p}:ssm:{r}:{a}:parameter/{name}", "name"),
    "aws_subnet": ("arn:{p}:ec2:{r}:{a}:subnet/{name}", ""),
    "aws_vpc": ("arn:{p}:ec2:{r}:{a}:vpc/{name}", ""),
    "aws_vpc_endpoint": ("arn:{p}:ec2:{r}:{a}:vpc-endpoint/{name}", ""),
    "aws_vpc_peering_connection": ("arn:{p}:ec2:{r}:{a}:vpc-peering-connection/{name}", ""),
    "aws_wafv2_web_acl": ("arn:{p}:wafv2:{r}:{a}:regional/webacl/{name}/{fresh}", "name"),
}
"""By resource type: the template of its ARN, and the argument that names it; empty where AWS makes the name up."""

COMPUTED: Final[Mapping[tuple[str, str], str]] = {
    ("aws_apigatewayv2_api", "execution_arn"): EXECUTION_ARN,
    ("aws_dynamodb_table", "stream_arn"): "{arn}/stream/{symbol}",
    ("aws_lambda_function", "invoke_arn"): "arn:{p}:apigateway:{r}:lambda:path/functions/{arn}/invocations",
    ("aws_rds_cluster", "master_user_secret[0].secret_arn"): MANAGED_PASSWORD,
    ("aws_sqs_queue", "id"): QUEUE_URL,
    ("aws_sqs_queue", "url"): QUEUE_URL,
}
"""By resource type and attribute: the template of an attribute that is neither the ARN nor the name."""

ID_IS_ARN: Final = frozenset(
    {
        "aws_codebuild_project",
        "aws_iam_policy",
        "aws_lb",
        "aws_secretsmanager_secret",
        "aws_sfn_state_machine",
        "aws_sns_topic",
    }
)
"""Types whose `id` is their ARN."""

NAME_ATTRIBUTES: Final = frozenset(
    {"id", "name", "key_id", "bucket", "function_name", "family", "rest_api_id"}
)
"""Attributes that are the resource's name."""

MADE_UP_ATTRIBUTES: Final = frozenset(
    {
        "cluster_resource_id",
        "resource_id",
        "prefix_list_id",
        "endpoint",
        "reader_endpoint",
        "unique_id",
        "dns_name",
        "zone_id",
    }
)
"""Attributes that AWS makes up, in addition to names."""

ID_PREFIXES: Final[Mapping[str, str]] = {
    "aws_eip": "eipalloc-",
    "aws_flow_log": "fl-",
    "aws_internet_gateway": "igw-",
    "aws_nat_gateway": "nat-",
    "aws_network_acl": "acl-",
    "aws_route_table": "rtb-",
    "aws_security_group": "sg-",
    "aws_subnet": "subnet-",
    "aws_vpc": "vpc-",
    "aws_vpc_endpoint": "vpce-",
    "aws_vpc_peering_connection": "pcx-",
}
"""What the ids that AWS makes up begin with
(https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/resource-ids.html)."""

UNNAMED: Final[Mapping[str, str]] = {
    "aws_lb": "tf-lb-",
    "aws_lb_target_group": "tf-",
    "aws_rds_cluster": "tf-",
    "aws_rds_cluster_instance": "tf-",
}
"""What the names begin with that Terraform's provider makes up for a resource without one; of other types `terraform-`
(https://registry.terraform.io/providers/hashicorp/aws/latest/docs)."""

MADE_UP_ID: Final = re.compile(
    r"(:key/)(?:mrk-)?[0-9a-f]+-?[0-9a-f-]*$|(:userpool/)[\w-]+$|(/apis/)[a-z0-9]+|(:execute-api:[^:]*:[^:]*:)[a-z0-9]{10}"
    r"|(:(?:subnet|vpc|security-group|route-table|vpc-endpoint|network-interface|internet-gateway"
    r"|elastic-ip|natgateway|network-acl|vpc-flow-log|vpc-peering-connection|prefix-list)/)[a-z]+-[0-9a-f]+$"
)
"""Ids that AWS makes up, in ARNs. One that a policy writes out may be any resource's: only AWS knows whose."""
