"""References from one owner's resource to another owner's: which of them move data or code, and which are harmless.

A reference that crosses owners and is in none of these tables makes the verdict UNKNOWN.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

SENDS: Final[Mapping[tuple[str, str], str]] = {
    ("aws_apigatewayv2_stage", "access_log_settings.destination_arn"): "writes its access log to",
    ("aws_backup_plan", "rule.copy_action.destination_vault_arn"): "copies its backups to",
    ("aws_backup_plan", "rule.target_vault_name"): "puts its backups into",
    ("aws_budgets_budget", "notification.subscriber_sns_topic_arns"): "tells of its costs",
    ("aws_cloudwatch_event_bus", "dead_letter_config.arn"): "sends events that it cannot deliver to",
    ("aws_cloudwatch_event_target", "arn"): "sends events to",
    ("aws_cloudwatch_event_target", "dead_letter_config.arn"): "sends events that it cannot deliver to",
    ("aws_cloudwatch_metric_alarm", "alarm_actions"): "sends its alarms to",
    ("aws_cloudwatch_metric_alarm", "insufficient_data_actions"): "sends its alarms to",
    ("aws_cloudwatch_metric_alarm", "ok_actions"): "sends its alarms to",
    ("aws_codebuild_project", "logs_config.cloudwatch_logs.group_name"): "writes the log of its builds to",
    (
        "aws_ecs_cluster",
        "configuration.execute_command_configuration.log_configuration.cloud_watch_log_group_name",
    ): ("writes what is typed in sessions to"),
    ("aws_ecs_cluster", "configuration.execute_command_configuration.log_configuration.s3_bucket_name"): (
        "writes what is typed in sessions to"
    ),
    ("aws_flow_log", "log_destination"): "writes flow logs to",
    ("aws_flow_log", "log_group_name"): "writes flow logs to",
    ("aws_lambda_event_source_mapping", "destination_config.on_failure.destination_arn"): (
        "sends records that it cannot process to"
    ),
    ("aws_lambda_function", "dead_letter_config.target_arn"): "sends events that it cannot process to",
    ("aws_lambda_function", "logging_config.log_group"): "writes its log to",
    ("aws_lb", "access_logs.bucket"): "writes its access log to",
    ("aws_lb", "connection_logs.bucket"): "writes its connection log to",
    ("aws_lb_listener", "default_action.forward.target_group.arn"): "sends requests to",
    ("aws_lb_listener", "default_action.target_group_arn"): "sends requests to",
    ("aws_lb_listener_rule", "action.forward.target_group.arn"): "sends requests to",
    ("aws_lb_listener_rule", "action.target_group_arn"): "sends requests to",
    ("aws_s3_bucket", "logging.target_bucket"): "writes its access log to",
    ("aws_s3_bucket", "replication_configuration.rules.destination.bucket"): "replicates its objects to",
    ("aws_s3_bucket_logging", "target_bucket"): "writes its access log to",
    ("aws_sfn_state_machine", "logging_configuration.log_destination"): "writes its log to",
    ("aws_sqs_queue", "redrive_policy"): "moves messages that nobody processes to",
    ("aws_wafv2_web_acl_logging_configuration", "log_destination_configs"): "writes requests to",
}
"""Arguments by which a resource's data goes to the resource that it names, and what happens there."""

TAKES: Final[Mapping[tuple[str, str], str]] = {
    ("aws_backup_selection", "resources"): "backs up",
    ("aws_cloudwatch_event_target", "rule"): "takes the events of",
    ("aws_cloudwatch_log_metric_filter", "log_group_name"): "counts what is in",
    ("aws_dynamodb_table", "import_table.s3_bucket_source.bucket"): "imports the objects of",
    ("aws_dynamodb_table", "restore_source_name"): "is restored from",
    ("aws_dynamodb_table", "restore_source_table_arn"): "is restored from",
    ("aws_ecs_service", "load_balancer.target_group_arn"): "takes the requests of",
    ("aws_flow_log", "eni_id"): "records the traffic of",
    ("aws_flow_log", "subnet_id"): "records the traffic of",
    ("aws_flow_log", "vpc_id"): "records the traffic of",
    ("aws_lambda_event_source_mapping", "event_source_arn"): "takes the records of",
    ("aws_rds_cluster", "replication_source_identifier"): "is a replica of",
    ("aws_rds_cluster", "restore_to_point_in_time.source_cluster_identifier"): "is restored from",
    ("aws_rds_cluster", "restore_to_point_in_time.source_cluster_resource_id"): "is restored from",
    ("aws_rds_cluster", "s3_import.bucket_name"): "imports the objects of",
    ("aws_rds_cluster", "snapshot_identifier"): "is restored from",
}
"""Arguments by which a resource takes the data of the resource that it names."""

RUNS: Final[Mapping[tuple[str, str], str]] = {
    ("aws_apigatewayv2_integration", "integration_uri"): "hands its requests to",
    ("aws_apigatewayv2_authorizer", "authorizer_uri"): "lets requests in as decided by",
    ("aws_cognito_user_pool", "lambda_config.create_auth_challenge"): "asks users for what is said by",
    ("aws_cognito_user_pool", "lambda_config.custom_email_sender.lambda_arn"): "sends codes by",
    ("aws_cognito_user_pool", "lambda_config.custom_sms_sender.lambda_arn"): "sends codes by",
    ("aws_cognito_user_pool", "lambda_config.define_auth_challenge"): "lets users in as decided by",
    ("aws_cognito_user_pool", "lambda_config.pre_sign_up"): "lets users in as decided by",
    ("aws_cognito_user_pool", "lambda_config.pre_token_generation"): "puts into tokens what is said by",
    ("aws_cognito_user_pool", "lambda_config.pre_token_generation_config.lambda_arn"): (
        "puts into tokens what is said by"
    ),
    ("aws_cognito_user_pool", "lambda_config.user_migration"): "takes users over as decided by",
    ("aws_cognito_user_pool", "lambda_config.verify_auth_challenge_response"): "lets users in as decided by",
    ("aws_lambda_function", "image_uri"): "runs an image from",
    ("aws_lambda_function", "layers"): "runs code from",
    ("aws_lambda_function", "s3_bucket"): "runs code from",
}
"""Arguments by which a resource runs, or trusts, what the owner of the resource that it names writes there."""

_CAPACITY: Final = "scales a tenant's own service in the platform's cluster; it reads and grants nothing"
_SHARED_PLACE: Final = "a place that the platform shares out; `network` proves who reaches whom in it"
_SHOWN: Final = (
    "part of the name of a metric of the tenant's own; who opens a dashboard sees what their own rights show"
)
_ADDRESS: Final = "an address that is known to all; the login is the tenant's own"
_PROOF: Final = (
    "what ACM asks to see in the DNS before it issues the certificate: a name and a value that it makes up"
)

HARMLESS: Final[Mapping[tuple[str, str, str], str]] = {
    (
        "aws_appautoscaling_policy",
        "target_tracking_scaling_policy_configuration.predefined_metric_specification.resource_label",
        "aws_lb",
    ): "counts the requests that the platform's load balancer sends to the tenant's own targets",
    ("aws_appautoscaling_target", "resource_id", "aws_ecs_cluster"): _CAPACITY,
    ("aws_cloudwatch_dashboard", "dashboard_body", "aws_backup_vault"): _SHOWN,
    ("aws_acm_certificate_validation", "validation_record_fqdns", "aws_route53_record"): (
        "waits until ACM has seen the record that proves the host, which says what ACM asked for and nothing else"
    ),
    ("aws_cloudwatch_dashboard", "dashboard_body", "aws_cloudwatch_event_rule"): _SHOWN,
    ("aws_cloudwatch_dashboard", "dashboard_body", "aws_lb_target_group"): _SHOWN,
    ("aws_cloudwatch_metric_alarm", "dimensions", "aws_lb"): (
        "part of the name of a metric of the tenant's own targets; an alarm sends a figure of it, and to whom is read"
    ),
    (
        "aws_ecs_service",
        "cluster",
        "aws_ecs_cluster",
    ): "a name space; tasks run as their own roles on Fargate",
    ("aws_ecs_service", "network_configuration.subnets", "aws_subnet"): _SHARED_PLACE,
    ("aws_ecs_task_definition", "container_definitions", "aws_rds_cluster"): _ADDRESS,
    ("aws_lambda_invocation", "input", "aws_secretsmanager_secret"): (
        "names the secret in which the platform's provisioner keeps the tenant's login; IAM decides who reads it"
    ),
    ("aws_lb_listener_certificate", "certificate_arn", "aws_acm_certificate"): (
        "shown to who asks for a host that it names; requests go by the rules alone, and its key stays in ACM"
    ),
    (
        "aws_lb_listener_rule",
        "listener_arn",
        "aws_lb_listener",
    ): "a rule of the tenant's own; hosts are compared",
    ("aws_lb_target_group", "vpc_id", "aws_vpc"): _SHARED_PLACE,
    ("aws_route53_record", "name", "aws_acm_certificate"): _PROOF,
    ("aws_route53_record", "records", "aws_acm_certificate"): _PROOF,
    ("aws_security_group", "vpc_id", "aws_vpc"): _SHARED_PLACE,
}
"""By type, argument and type of what it names: why a reference between a tenant and the platform is harmless.

Between two tenants nothing is.
"""

NAMED_ONLY: Final[Mapping[tuple[str, str, str], str]] = {
    (
        type_,
        argument,
        role,
    ): "a text: whoever acts as the role must be let in by its trust policy, which is proved"
    for type_, argument in (
        ("aws_ecs_task_definition", "container_definitions"),
        ("aws_lambda_function", "environment.variables"),
    )
    for role in ("aws_iam_role", "aws_iam_user")
} | {
    ("aws_ecs_service", "network_configuration.security_groups", "aws_default_security_group"): (
        "`network` judges who is in whose group, and what the group lets in"
    ),
}
"""By type, argument and type of what it names: what is harmless between two tenants too."""

NAMED: Final = re.compile(
    r"(\w+\.)*((\w+_)?kms_(master_)?key(_id|_arn|_identifier)?|key_id)|(metric_query\.metric\.)?dimensions"
)
"""Arguments that name another resource by its name alone, though they are no links: keys by an alias or an id, and what
an alarm watches a figure of."""

OF_AWS: Final = re.compile(r"(arn:[^:]*:kms:[^:]*:[^:]*:)?alias/aws/.+")
"""Keys that AWS manages, which every account has."""

ELSEWHERE: Final = frozenset(
    {
        "aws_kms_grant",
        "aws_lambda_permission",
        "aws_route",
        "aws_route_table",
        "aws_security_group",
        "aws_security_group_rule",
        "aws_vpc_peering_connection",
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
    }
)
"""Types whose read arguments grant access or lead somewhere: `inventory.grants` and `network` judge whom they name."""

CODE: Final = frozenset({("aws_lambda_function", "s3_bucket")})
"""Arguments that may name a bucket that no stack declares: whoever writes there decides what the function runs.

That no tenant reaches it is proved as of the platform's buckets; its policy, which is in no stack, is named among the
trusted. A declared bucket is judged like any resource."""

TOLD: Final = frozenset(
    {
        ("aws_budgets_budget", "notification.subscriber_sns_topic_arns"),
        ("aws_cloudwatch_event_target", "arn"),
        ("aws_cloudwatch_metric_alarm", "alarm_actions"),
        ("aws_cloudwatch_metric_alarm", "ok_actions"),
    }
)
"""Arguments that may name a topic that no stack declares: whoever watches the environment hears there that an alarm
went off, that a budget is exceeded, each with its name and the figure, or that an event came, and is named among the
trusted. A declared topic is judged like any resource."""

COPIED: Final = frozenset({("aws_backup_plan", "rule.copy_action.destination_vault_arn")})
"""Arguments that may name a vault of another region that no stack declares: backups are copied there, and whoever keeps
it is named among the trusted. A declared vault is judged like any resource."""

BUILT: Final = frozenset({("aws_codebuild_project", "service_role")})
"""Arguments of the platform's own resources that may name a role that no stack declares: what they run has its rights,
which no stack tells, and it is named among the trusted. A tenant's resource that names one is not modelled."""

OF_EVERY_ACCOUNT: Final = frozenset({"", "default", "arn:aws:iam::*:user/*"})
"""Names of what every account has and nobody owns: the default event bus, and the credentials of whoever calls
(https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html)."""
