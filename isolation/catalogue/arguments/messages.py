"""Arguments of events, queues, topics, logs and alarms.

https://docs.aws.amazon.com/eventbridge/latest/APIReference/,
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/,
https://docs.aws.amazon.com/sns/latest/api/ and
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/ are the sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from isolation.catalogue.arguments.uses import Arguments, Use

MESSAGES: Final[Mapping[str, Arguments]] = {
    # Whoever opens one sees the figures that their own rights let them see.
    "aws_cloudwatch_dashboard": {Use.NAME: "dashboard_name", Use.MEASURED: "dashboard_body"},
    "aws_cloudwatch_event_bus": {
        Use.READ: "name",
        Use.LINK: "dead_letter_config.arn",
        Use.NAME: "description",
        Use.KEY: "kms_key_identifier",
        Use.UNMODELLED: "event_source_name",
    },
    "aws_cloudwatch_event_bus_policy": {
        Use.PART: "event_bus_name",
        Use.POLICY: "policy",
    },
    "aws_cloudwatch_event_permission": {
        Use.READ: "action condition.key condition.type condition.value principal",
        Use.PART: "event_bus_name",
        Use.NAME: "statement_id",
    },
    "aws_cloudwatch_event_rule": {
        Use.READ: "name name_prefix event_bus_name event_pattern",
        Use.LINK: "role_arn",
        Use.NAME: "description",
        Use.TIME: "schedule_expression",
        Use.RESTRICTED: "is_enabled state",
        Use.CHANGED: "force_destroy",
    },
    "aws_cloudwatch_event_target": {
        Use.PART: "rule",
        Use.LINK: """arn event_bus_name role_arn dead_letter_config.arn batch_target.job_definition
            ecs_target.network_configuration.security_groups ecs_target.network_configuration.subnets
            ecs_target.task_definition_arn redshift_target.secrets_manager_arn""",
        Use.CONTENT: """appsync_target.graphql_operation input redshift_target.sql
            sagemaker_pipeline_target.pipeline_parameter_list.value""",
        Use.NAME: """target_id batch_target.job_name ecs_target.group ecs_target.tags redshift_target.database
            redshift_target.statement_name sagemaker_pipeline_target.pipeline_parameter_list.name""",
        Use.FORMAT: """http_target.header_parameters http_target.path_parameter_values
            http_target.query_string_parameters input_path input_transformer.input_paths
            input_transformer.input_template kinesis_target.partition_key_path redshift_target.with_event
            sqs_target.message_group_id""",
        Use.SIZE: """batch_target.array_size batch_target.job_attempts ecs_target.task_count""",
        Use.TIME: "retry_policy.maximum_event_age_in_seconds retry_policy.maximum_retry_attempts",
        Use.PLACED: "ecs_target.platform_version",
        Use.CHANGED: "force_destroy ecs_target.enable_ecs_managed_tags ecs_target.propagate_tags",
        Use.UNMODELLED: """ecs_target.capacity_provider_strategy.base
            ecs_target.capacity_provider_strategy.capacity_provider ecs_target.capacity_provider_strategy.weight
            ecs_target.enable_execute_command ecs_target.launch_type
            ecs_target.network_configuration.assign_public_ip ecs_target.ordered_placement_strategy.field
            ecs_target.ordered_placement_strategy.type ecs_target.placement_constraint.expression
            ecs_target.placement_constraint.type redshift_target.db_user run_command_targets.key
            run_command_targets.values""",
    },
    "aws_cloudwatch_log_group": {
        Use.READ: "name name_prefix",
        Use.KEY: "kms_key_id",
        Use.TIME: "retention_in_days",
        Use.SIZE: "log_group_class",
        Use.CHANGED: "skip_destroy",
    },
    "aws_cloudwatch_log_metric_filter": {
        Use.PART: "log_group_name",
        Use.NAME: "name",
        Use.MEASURED: """pattern metric_transformation.default_value metric_transformation.name
            metric_transformation.namespace metric_transformation.unit metric_transformation.value""",
        Use.UNMODELLED: "metric_transformation.dimensions",
    },
    "aws_cloudwatch_log_resource_policy": {
        Use.POLICY: "policy_document",
        Use.NAME: "policy_name",
    },
    "aws_cloudwatch_metric_alarm": {
        Use.LINK: "alarm_actions insufficient_data_actions ok_actions",
        Use.READ: "alarm_name",
        Use.NAME: "alarm_description",
        Use.RESTRICTED: "actions_enabled",
        Use.MEASURED: """comparison_operator datapoints_to_alarm dimensions evaluate_low_sample_count_percentiles
            evaluation_periods extended_statistic metric_name metric_query.account_id metric_query.expression
            metric_query.id metric_query.label metric_query.metric.dimensions metric_query.metric.metric_name
            metric_query.metric.namespace metric_query.metric.period metric_query.metric.stat
            metric_query.metric.unit metric_query.period metric_query.return_data namespace period statistic
            threshold threshold_metric_id treat_missing_data unit""",
    },
    "aws_budgets_budget": {
        Use.LINK: "notification.subscriber_sns_topic_arns",
        Use.NAME: "name name_prefix",
        Use.UNMODELLED: "account_id notification.subscriber_email_addresses",
        Use.MEASURED: """auto_adjust_data.auto_adjust_type
            auto_adjust_data.historical_options.budget_adjustment_period budget_type cost_filter.name
            cost_filter.values cost_types.include_credit cost_types.include_discount
            cost_types.include_other_subscription cost_types.include_recurring cost_types.include_refund
            cost_types.include_subscription cost_types.include_support cost_types.include_tax
            cost_types.include_upfront cost_types.use_amortized cost_types.use_blended limit_amount limit_unit
            notification.comparison_operator notification.notification_type notification.threshold
            notification.threshold_type planned_limit.amount planned_limit.start_time planned_limit.unit
            time_period_end time_period_start time_unit""",
    },
    "aws_sns_topic": {
        Use.READ: "name name_prefix",
        Use.POLICY: "policy",
        Use.LINK: """application_failure_feedback_role_arn application_success_feedback_role_arn
            firehose_failure_feedback_role_arn firehose_success_feedback_role_arn http_failure_feedback_role_arn
            http_success_feedback_role_arn lambda_failure_feedback_role_arn lambda_success_feedback_role_arn
            sqs_failure_feedback_role_arn sqs_success_feedback_role_arn""",
        Use.NAME: "display_name",
        Use.KEY: "kms_master_key_id",
        Use.FORMAT: "content_based_deduplication delivery_policy fifo_topic signature_version",
        Use.TIME: "archive_policy",
        Use.SIZE: "fifo_throughput_scope",
        Use.MEASURED: """application_success_feedback_sample_rate firehose_success_feedback_sample_rate
            http_success_feedback_sample_rate lambda_success_feedback_sample_rate sqs_success_feedback_sample_rate
            tracing_config""",
    },
    "aws_sns_topic_policy": {
        Use.PART: "arn",
        Use.POLICY: "policy",
    },
    "aws_sqs_queue": {
        Use.READ: "name name_prefix redrive_allow_policy",
        Use.POLICY: "policy",
        Use.LINK: "redrive_policy",
        Use.KEY: "kms_master_key_id kms_data_key_reuse_period_seconds sqs_managed_sse_enabled",
        Use.FORMAT: "content_based_deduplication deduplication_scope fifo_queue",
        Use.TIME: """delay_seconds message_retention_seconds receive_wait_time_seconds
            visibility_timeout_seconds""",
        Use.SIZE: "fifo_throughput_limit max_message_size",
    },
    "aws_sqs_queue_policy": {
        Use.PART: "queue_url",
        Use.POLICY: "policy",
    },
}
"""By resource type."""
