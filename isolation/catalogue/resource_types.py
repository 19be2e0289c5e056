"""Resource types that are not targets: those that are read, and those that cannot bear on reach.

A type that is neither here nor in `kinds` is not modelled: it makes its owner's column UNKNOWN.
"""

from __future__ import annotations

from typing import Final

MODELLED: Final = frozenset(
    {
        "aws_apigatewayv2_authorizer",
        "aws_apigatewayv2_integration",
        "aws_apigatewayv2_route",
        "aws_backup_selection",
        "aws_backup_vault_policy",
        "aws_cloudwatch_event_bus_policy",
        "aws_cloudwatch_event_permission",
        "aws_cloudwatch_log_resource_policy",
        "aws_default_security_group",
        "aws_dynamodb_resource_policy",
        "aws_ecr_repository_policy",
        "aws_ec2_managed_prefix_list_entry",
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
        "aws_vpc_security_group_egress_rule",
        "aws_vpc_security_group_ingress_rule",
    }
)
"""Types that are not targets but are read."""

INERT: Final = frozenset(
    {
        "aws_acm_certificate_validation",
        "aws_apigatewayv2_stage",
        "aws_appautoscaling_policy",
        "aws_appautoscaling_target",
        "aws_budgets_budget",
        "aws_cloudwatch_event_bus",
        "aws_cloudwatch_event_target",
        "aws_cloudwatch_log_metric_filter",
        "aws_cognito_user_pool_client",
        "aws_cognito_user_pool_domain",
        "aws_dynamodb_contributor_insights",
        "aws_ecs_cluster_capacity_providers",
        "aws_iam_service_linked_role",
        "aws_lambda_invocation",
        "aws_lb_listener_certificate",
        "aws_network_acl_rule",
        "aws_route53_record",
        "aws_s3_bucket_intelligent_tiering_configuration",
        "aws_s3_bucket_lifecycle_configuration",
        "aws_s3_bucket_logging",
        "aws_s3_bucket_ownership_controls",
        "aws_s3_bucket_public_access_block",
        "aws_s3_bucket_server_side_encryption_configuration",
        "aws_s3_bucket_versioning",
        "aws_secretsmanager_secret_version",
        "aws_vpc_endpoint_route_table_association",
        "aws_wafv2_web_acl_association",
        "aws_wafv2_web_acl_logging_configuration",
    }
)
"""Types that grant nothing: they configure a target, only restrict access, or act with a role that is read anyway."""
