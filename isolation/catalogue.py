"""What is known of AWS's resource types: which hold tenants' data, which actions bear on them, which are inert.

Actions are excluded, never listed: every action of a service counts as reach, those of tomorrow too, but the few that
list or describe an account. https://docs.aws.amazon.com/service-authorization/latest/reference/ is the source.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of target.

    Attributes:
        types: resource types.
        patterns: further ARNs that belong to one, with `{arn}` its own.
        actions: its services' actions.
        harmless: those that reach no data and change nothing.
        examples: actions that tell a reader most; the first is tried first.
        takeover: actions that yield the credentials of its role.
        policy_required: whether identity policies need the resource policy's consent.
    """

    types: tuple[str, ...]
    actions: tuple[str, ...]
    patterns: tuple[str, ...] = ("{arn}",)
    harmless: tuple[str, ...] = ()
    examples: tuple[str, ...] = ()
    takeover: tuple[str, ...] = ()
    policy_required: bool = False


KINDS: Final[Mapping[str, Kind]] = {
    "bucket": Kind(
        types=("aws_s3_bucket",),
        patterns=("{arn}", "{arn}/*"),
        actions=("s3:*",),
        harmless=("s3:listallmybuckets",),
        examples=("s3:getobject", "s3:putobject", "s3:deleteobject", "s3:listbucket", "s3:putbucketpolicy"),
    ),
    "table": Kind(
        types=("aws_dynamodb_table",),
        patterns=("{arn}", "{arn}/*"),
        actions=("dynamodb:*",),
        harmless=("dynamodb:listtables", "dynamodb:describelimits", "dynamodb:describeendpoints"),
        examples=("dynamodb:getitem", "dynamodb:query", "dynamodb:putitem", "dynamodb:putresourcepolicy"),
    ),
    "key": Kind(
        types=("aws_kms_key",),
        actions=("kms:*",),
        harmless=("kms:listkeys", "kms:listaliases", "kms:generaterandom"),
        examples=("kms:decrypt", "kms:encrypt", "kms:generatedatakey", "kms:creategrant", "kms:putkeypolicy"),
        policy_required=True,
    ),
    "secret": Kind(
        types=("aws_secretsmanager_secret",),
        actions=("secretsmanager:*",),
        harmless=("secretsmanager:listsecrets", "secretsmanager:getrandompassword"),
        examples=(
            "secretsmanager:getsecretvalue",
            "secretsmanager:putsecretvalue",
            "secretsmanager:putresourcepolicy",
        ),
    ),
    "logs": Kind(
        types=("aws_cloudwatch_log_group",),
        patterns=("{arn}", "{arn}:*"),
        actions=("logs:*",),
        harmless=("logs:describeloggroups",),
        examples=(
            "logs:getlogevents",
            "logs:putlogevents",
            "logs:createlogstream",
            "logs:putsubscriptionfilter",
        ),
    ),
    "queue": Kind(
        types=("aws_sqs_queue",),
        actions=("sqs:*",),
        harmless=("sqs:listqueues",),
        examples=("sqs:receivemessage", "sqs:sendmessage", "sqs:setqueueattributes", "sqs:addpermission"),
    ),
    "topic": Kind(
        types=("aws_sns_topic",),
        actions=("sns:*",),
        harmless=("sns:listtopics",),
        examples=("sns:publish", "sns:subscribe"),
    ),
    "parameter": Kind(
        types=("aws_ssm_parameter",),
        actions=("ssm:*",),
        harmless=("ssm:describeparameters",),
        examples=("ssm:getparameter", "ssm:putparameter"),
    ),
    "function": Kind(
        types=("aws_lambda_function",),
        patterns=("{arn}", "{arn}:*"),
        actions=("lambda:*",),
        harmless=("lambda:list*", "lambda:getaccountsettings"),
        examples=(
            "lambda:invokefunction",
            "lambda:updatefunctioncode",
            "lambda:addpermission",
            "lambda:getfunction",
        ),
        takeover=("lambda:updatefunctioncode", "lambda:updatefunctionconfiguration"),
    ),
    "api": Kind(
        types=("aws_apigatewayv2_api",),
        patterns=("{arn}", "{arn}/*", "{execution_arn}/*"),
        actions=("execute-api:*", "apigateway:*"),
        examples=("execute-api:invoke", "apigateway:patch"),
    ),
    "users": Kind(
        types=("aws_cognito_user_pool",),
        actions=("cognito-idp:*",),
        harmless=("cognito-idp:listuserpools",),
        examples=("cognito-idp:admincreateuser", "cognito-idp:adminsetuserpassword"),
    ),
    "events": Kind(
        types=("aws_cloudwatch_event_rule",),
        actions=("events:*",),
        harmless=("events:list*", "events:describe*"),
        examples=("events:putevents", "events:puttargets", "events:putrule"),
    ),
    "role": Kind(
        types=("aws_iam_role", "aws_iam_user"),
        actions=("iam:*", "sts:*"),
        harmless=("iam:get*", "iam:list*", "iam:simulate*", "iam:generate*", "sts:get*", "sts:decode*"),
        examples=("sts:assumerole", "iam:passrole", "iam:updateassumerolepolicy", "iam:putrolepolicy"),
        takeover=(
            "sts:assumerole",
            "iam:passrole",
            "iam:updateassumerolepolicy",
            "iam:createaccesskey",
            "iam:createloginprofile",
            "iam:updateloginprofile",
        ),
        policy_required=True,
    ),
    "task": Kind(
        types=("aws_ecs_service", "aws_ecs_task_definition"),
        patterns=("{arn}", "{tasks}"),
        actions=("ecs:*",),
        harmless=("ecs:describe*", "ecs:list*", "ecs:discoverpollendpoint"),
        examples=("ecs:executecommand", "ecs:runtask", "ecs:updateservice", "ecs:stoptask"),
        takeover=("ecs:executecommand", "ecs:runtask", "ecs:starttask"),
    ),
    "database": Kind(
        types=("aws_rds_cluster", "aws_rds_cluster_instance"),
        patterns=("{arn}", "arn:aws:rds-db:*:*:dbuser:*"),
        actions=("rds:*", "rds-db:*", "rds-data:*"),
        harmless=("rds:describe*", "rds:list*"),
        examples=("rds-db:connect", "rds-data:executestatement", "rds:modifydbcluster"),
    ),
    "network": Kind(
        types=(
            "aws_vpc",
            "aws_subnet",
            "aws_security_group",
            "aws_route_table",
            "aws_vpc_endpoint",
            "aws_internet_gateway",
        ),
        actions=("ec2:*",),
        harmless=("ec2:describe*", "ec2:get*"),
        examples=("ec2:createnetworkinterface", "ec2:authorizesecuritygroupingress", "ec2:createroute"),
    ),
    "repository": Kind(
        types=("aws_ecr_repository",),
        actions=("ecr:*",),
        harmless=("ecr:describe*", "ecr:getauthorizationtoken"),
        examples=("ecr:putimage", "ecr:batchgetimage"),
    ),
    "other": Kind(types=(), actions=("*",)),
}
"""By the name in reports. Role trust and key policies are mandatory: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html,
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html."""

ADMINISTRATION: Final = (
    "iam:putrolepolicy",
    "iam:attachrolepolicy",
    "iam:putuserpolicy",
    "iam:attachuserpolicy",
    "iam:putgrouppolicy",
    "iam:attachgrouppolicy",
    "iam:addusertogroup",
    "iam:createpolicyversion",
    "iam:setdefaultpolicyversion",
    "iam:createaccesskey",
    "iam:createloginprofile",
    "iam:updateloginprofile",
)
"""Rights that give their holder, or somebody the holder controls, any other right."""

SOURCES: Final = (
    "apigateway:*",
    "events:puttargets",
    "logs:putsubscriptionfilter",
    "s3:putbucketnotification",
    "scheduler:createschedule",
    "sns:subscribe",
)
"""Rights that make an AWS service act for the account on a resource of the caller's choice."""

MODELLED: Final = frozenset(
    {
        "aws_apigatewayv2_authorizer",
        "aws_apigatewayv2_integration",
        "aws_apigatewayv2_route",
        "aws_cloudwatch_event_bus_policy",
        "aws_cloudwatch_log_resource_policy",
        "aws_default_security_group",
        "aws_dynamodb_resource_policy",
        "aws_ecr_repository_policy",
        "aws_iam_policy",
        "aws_iam_role_policy",
        "aws_iam_role_policy_attachment",
        "aws_iam_user_policy",
        "aws_iam_user_policy_attachment",
        "aws_kms_alias",
        "aws_kms_grant",
        "aws_kms_key_policy",
        "aws_lambda_function_url",
        "aws_lambda_permission",
        "aws_route",
        "aws_route_table_association",
        "aws_s3_bucket_acl",
        "aws_s3_bucket_policy",
        "aws_secretsmanager_secret_policy",
        "aws_security_group_rule",
        "aws_sns_topic_policy",
        "aws_sqs_queue_policy",
        "aws_vpc_peering_connection",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
    }
)
"""Types that are no targets but are read."""

INERT: Final = frozenset(
    {
        "aws_apigatewayv2_stage",
        "aws_appautoscaling_policy",
        "aws_appautoscaling_target",
        "aws_cloudwatch_event_bus",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_log_metric_filter",
        "aws_cloudwatch_metric_alarm",
        "aws_cognito_user_pool_client",
        "aws_cognito_user_pool_domain",
        "aws_db_subnet_group",
        "aws_dynamodb_contributor_insights",
        "aws_ecs_cluster",
        "aws_ecs_cluster_capacity_providers",
        "aws_eip",
        "aws_flow_log",
        "aws_lambda_event_source_mapping",
        "aws_lambda_invocation",
        "aws_lb",
        "aws_lb_listener",
        "aws_lb_listener_rule",
        "aws_lb_target_group",
        "aws_nat_gateway",
        "aws_network_acl",
        "aws_network_acl_rule",
        "aws_rds_cluster_parameter_group",
        "aws_s3_bucket_intelligent_tiering_configuration",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_secretsmanager_secret_version",
        "aws_vpc_endpoint_route_table_association",
        "aws_wafv2_web_acl",
        "aws_wafv2_web_acl_association",
        "aws_wafv2_web_acl_logging_configuration",
    }
)
"""Types that grant nothing: they configure a target, only restrict, or act with a role that is read anyway."""

MANAGED_POLICIES: Final[Mapping[str, tuple[str, ...]]] = {
    "AWSLambdaBasicExecutionRole": ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
    "AWSLambdaVPCAccessExecutionRole": (
        "logs:CreateLogGroup",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
        "ec2:CreateNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSubnets",
        "ec2:DeleteNetworkInterface",
        "ec2:AssignPrivateIpAddresses",
        "ec2:UnassignPrivateIpAddresses",
    ),
    "AWSXRayDaemonWriteAccess": ("xray:Put*", "xray:Get*"),
    "AdministratorAccess": ("*",),
    "AmazonECSTaskExecutionRolePolicy": (
        "ecr:GetAuthorizationToken",
        "ecr:BatchCheckLayerAvailability",
        "ecr:GetDownloadUrlForLayer",
        "ecr:BatchGetImage",
        "logs:CreateLogStream",
        "logs:PutLogEvents",
    ),
}
"""AWS's own policies, all on resource `*` (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/)."""

KIND_OF: Final[Mapping[str, str]] = {type_: name for name, kind in KINDS.items() for type_ in kind.types}
