"""Arguments of functions, tasks and their scaling.

https://docs.aws.amazon.com/lambda/latest/api/, https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ and
https://docs.aws.amazon.com/autoscaling/application/APIReference/ are the sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from isolation.catalogue.arguments.uses import Arguments, Use

_METRIC: Final = "target_tracking_scaling_policy_configuration.customized_metric_specification"

WORKLOADS: Final[Mapping[str, Arguments]] = {
    "aws_appautoscaling_policy": {
        Use.LINK: "target_tracking_scaling_policy_configuration.predefined_metric_specification.resource_label",
        Use.PART: "resource_id",
        Use.NAME: "name",
        Use.FORMAT: "policy_type scalable_dimension service_namespace",
        Use.SIZE: """step_scaling_policy_configuration.adjustment_type step_scaling_policy_configuration.cooldown
            step_scaling_policy_configuration.metric_aggregation_type
            step_scaling_policy_configuration.min_adjustment_magnitude
            step_scaling_policy_configuration.step_adjustment.metric_interval_lower_bound
            step_scaling_policy_configuration.step_adjustment.metric_interval_upper_bound
            step_scaling_policy_configuration.step_adjustment.scaling_adjustment
            target_tracking_scaling_policy_configuration.disable_scale_in
            target_tracking_scaling_policy_configuration.scale_in_cooldown
            target_tracking_scaling_policy_configuration.scale_out_cooldown
            target_tracking_scaling_policy_configuration.target_value""",
        Use.MEASURED: f"""{_METRIC}.dimensions.name {_METRIC}.dimensions.value {_METRIC}.metric_name
            {_METRIC}.metrics.expression {_METRIC}.metrics.id {_METRIC}.metrics.label
            {_METRIC}.metrics.metric_stat.metric.dimensions.name
            {_METRIC}.metrics.metric_stat.metric.dimensions.value
            {_METRIC}.metrics.metric_stat.metric.metric_name {_METRIC}.metrics.metric_stat.metric.namespace
            {_METRIC}.metrics.metric_stat.stat {_METRIC}.metrics.metric_stat.unit {_METRIC}.metrics.return_data
            {_METRIC}.namespace {_METRIC}.statistic {_METRIC}.unit
            target_tracking_scaling_policy_configuration.predefined_metric_specification.predefined_metric_type""",
    },
    "aws_appautoscaling_target": {
        Use.LINK: "resource_id role_arn",
        Use.FORMAT: "scalable_dimension service_namespace",
        Use.SIZE: "max_capacity min_capacity",
        Use.RESTRICTED: """suspended_state.dynamic_scaling_in_suspended
            suspended_state.dynamic_scaling_out_suspended suspended_state.scheduled_scaling_suspended""",
    },
    "aws_codebuild_project": {
        Use.READ: "name project_visibility",
        Use.LINK: "environment.image logs_config.cloudwatch_logs.group_name service_role",
        Use.CONTENT: "environment.environment_variable.value source.buildspec",
        Use.NAME: "description environment.environment_variable.name logs_config.cloudwatch_logs.stream_name",
        Use.FORMAT: """artifacts.type environment.environment_variable.type environment.image_pull_credentials_type
            environment.type source.type""",
        Use.KEY: "encryption_key",
        Use.TIME: "build_timeout queued_timeout",
        Use.SIZE: "concurrent_build_limit environment.compute_type environment.privileged_mode",
        Use.MEASURED: "logs_config.cloudwatch_logs.status",
        Use.UNMODELLED: """artifacts.artifact_identifier artifacts.bucket_owner_access artifacts.encryption_disabled
            artifacts.location artifacts.name artifacts.namespace_type artifacts.override_artifact_name
            artifacts.packaging artifacts.path badge_enabled build_batch_config.combine_artifacts
            build_batch_config.restrictions.compute_types_allowed
            build_batch_config.restrictions.maximum_builds_allowed build_batch_config.service_role
            build_batch_config.timeout_in_mins cache.location cache.modes cache.type environment.certificate
            environment.fleet.fleet_arn environment.registry_credential.credential
            environment.registry_credential.credential_provider file_system_locations.identifier
            file_system_locations.location file_system_locations.mount_options
            file_system_locations.mount_point file_system_locations.type
            logs_config.s3_logs.bucket_owner_access logs_config.s3_logs.encryption_disabled
            logs_config.s3_logs.location logs_config.s3_logs.status resource_access_role
            secondary_artifacts.artifact_identifier secondary_artifacts.bucket_owner_access
            secondary_artifacts.encryption_disabled secondary_artifacts.location secondary_artifacts.name
            secondary_artifacts.namespace_type secondary_artifacts.override_artifact_name
            secondary_artifacts.packaging secondary_artifacts.path secondary_artifacts.type
            secondary_source_version.source_identifier secondary_source_version.source_version
            secondary_sources.auth.resource secondary_sources.auth.type
            secondary_sources.build_status_config.context secondary_sources.build_status_config.target_url
            secondary_sources.buildspec secondary_sources.git_clone_depth
            secondary_sources.git_submodules_config.fetch_submodules secondary_sources.insecure_ssl
            secondary_sources.location secondary_sources.report_build_status
            secondary_sources.source_identifier secondary_sources.type source.auth.resource source.auth.type
            source.build_status_config.context source.build_status_config.target_url source.git_clone_depth
            source.git_submodules_config.fetch_submodules source.insecure_ssl source.location
            source.report_build_status source_version vpc_config.security_group_ids vpc_config.subnets
            vpc_config.vpc_id""",
    },
    "aws_ecs_cluster": {
        Use.READ: "name setting.value",
        Use.LINK: """configuration.execute_command_configuration.log_configuration.cloud_watch_log_group_name
            configuration.execute_command_configuration.log_configuration.s3_bucket_name""",
        Use.FORMAT: "configuration.execute_command_configuration.log_configuration.s3_key_prefix",
        Use.KEY: """configuration.execute_command_configuration.kms_key_id
            configuration.execute_command_configuration.log_configuration.cloud_watch_encryption_enabled
            configuration.execute_command_configuration.log_configuration.s3_bucket_encryption_enabled
            configuration.managed_storage_configuration.fargate_ephemeral_storage_kms_key_id
            configuration.managed_storage_configuration.kms_key_id""",
        Use.MEASURED: "configuration.execute_command_configuration.logging setting.name",
        Use.UNMODELLED: "service_connect_defaults.namespace",
    },
    "aws_ecs_cluster_capacity_providers": {
        Use.PART: "cluster_name",
        Use.READ: "capacity_providers default_capacity_provider_strategy.capacity_provider",
        Use.SIZE: "default_capacity_provider_strategy.base default_capacity_provider_strategy.weight",
    },
    "aws_ecs_service": {
        Use.READ: """capacity_provider_strategy.capacity_provider cluster launch_type name
            network_configuration.assign_public_ip network_configuration.security_groups
            network_configuration.subnets task_definition""",
        Use.LINK: """iam_role load_balancer.elb_name load_balancer.target_group_arn
            volume_configuration.managed_ebs_volume.role_arn volume_configuration.managed_ebs_volume.snapshot_id""",
        Use.NAME: """load_balancer.container_name volume_configuration.name
            volume_configuration.managed_ebs_volume.tag_specifications.resource_type
            volume_configuration.managed_ebs_volume.tag_specifications.tags""",
        Use.FORMAT: "load_balancer.container_port volume_configuration.managed_ebs_volume.file_system_type",
        Use.KEY: """volume_configuration.managed_ebs_volume.encrypted
            volume_configuration.managed_ebs_volume.kms_key_id""",
        Use.SIZE: """capacity_provider_strategy.base capacity_provider_strategy.weight desired_count
            scheduling_strategy volume_configuration.managed_ebs_volume.iops
            volume_configuration.managed_ebs_volume.size_in_gb
            volume_configuration.managed_ebs_volume.throughput
            volume_configuration.managed_ebs_volume.volume_initialization_rate
            volume_configuration.managed_ebs_volume.volume_type""",
        Use.TIME: "health_check_grace_period_seconds",
        Use.KEPT: "enable_execute_command",
        Use.MEASURED: "alarms.alarm_names alarms.enable alarms.rollback",
        Use.PLACED: """availability_zone_rebalancing ordered_placement_strategy.field
            ordered_placement_strategy.type placement_constraints.expression placement_constraints.type
            platform_version""",
        Use.CHANGED: """deployment_circuit_breaker.enable deployment_circuit_breaker.rollback
            deployment_controller.type deployment_maximum_percent deployment_minimum_healthy_percent
            enable_ecs_managed_tags force_delete force_new_deployment propagate_tags triggers
            volume_configuration.managed_ebs_volume.tag_specifications.propagate_tags wait_for_steady_state""",
        Use.UNMODELLED: """service_connect_configuration.enabled
            service_connect_configuration.log_configuration.log_driver
            service_connect_configuration.log_configuration.options
            service_connect_configuration.log_configuration.secret_option.name
            service_connect_configuration.log_configuration.secret_option.value_from
            service_connect_configuration.namespace
            service_connect_configuration.service.client_alias.dns_name
            service_connect_configuration.service.client_alias.port
            service_connect_configuration.service.discovery_name
            service_connect_configuration.service.ingress_port_override
            service_connect_configuration.service.port_name
            service_connect_configuration.service.timeout.idle_timeout_seconds
            service_connect_configuration.service.timeout.per_request_timeout_seconds
            service_connect_configuration.service.tls.issuer_cert_authority.aws_pca_authority_arn
            service_connect_configuration.service.tls.kms_key service_connect_configuration.service.tls.role_arn
            service_registries.container_name service_registries.container_port service_registries.port
            service_registries.registry_arn vpc_lattice_configurations.port_name
            vpc_lattice_configurations.role_arn vpc_lattice_configurations.target_group_arn""",
    },
    "aws_ecs_task_definition": {
        Use.READ: "execution_role_arn family ipc_mode network_mode pid_mode task_role_arn",
        Use.LINK: """volume.efs_volume_configuration.authorization_config.access_point_id
            volume.efs_volume_configuration.file_system_id
            volume.fsx_windows_file_server_volume_configuration.authorization_config.credentials_parameter
            volume.fsx_windows_file_server_volume_configuration.file_system_id""",
        Use.CONTENT: "container_definitions",
        Use.NAME: "volume.name volume.fsx_windows_file_server_volume_configuration.authorization_config.domain",
        Use.FORMAT: """proxy_configuration.container_name proxy_configuration.properties proxy_configuration.type
            requires_compatibilities runtime_platform.cpu_architecture
            runtime_platform.operating_system_family volume.configure_at_launch
            volume.efs_volume_configuration.authorization_config.iam
            volume.efs_volume_configuration.root_directory
            volume.efs_volume_configuration.transit_encryption
            volume.efs_volume_configuration.transit_encryption_port
            volume.fsx_windows_file_server_volume_configuration.root_directory""",
        Use.SIZE: """cpu ephemeral_storage.size_in_gib inference_accelerator.device_name
            inference_accelerator.device_type memory""",
        Use.PLACED: "placement_constraints.expression placement_constraints.type",
        Use.CHANGED: "enable_fault_injection skip_destroy track_latest",
        Use.UNMODELLED: """volume.docker_volume_configuration.autoprovision
            volume.docker_volume_configuration.driver volume.docker_volume_configuration.driver_opts
            volume.docker_volume_configuration.labels volume.docker_volume_configuration.scope volume.host_path""",
    },
    "aws_lambda_event_source_mapping": {
        Use.PART: "function_name",
        Use.LINK: "destination_config.on_failure.destination_arn event_source_arn",
        Use.KEY: "kms_key_arn",
        Use.FORMAT: """amazon_managed_kafka_event_source_config.consumer_group_id
            bisect_batch_on_function_error document_db_event_source_config.collection_name
            document_db_event_source_config.database_name document_db_event_source_config.full_document
            filter_criteria.filter.pattern function_response_types queues starting_position
            starting_position_timestamp topics""",
        Use.TIME: """maximum_batching_window_in_seconds maximum_record_age_in_seconds maximum_retry_attempts
            tumbling_window_in_seconds""",
        Use.SIZE: """batch_size parallelization_factor provisioned_poller_config.maximum_pollers
            provisioned_poller_config.minimum_pollers scaling_config.maximum_concurrency""",
        Use.MEASURED: "metrics_config.metrics",
        Use.RESTRICTED: "enabled",
        Use.UNMODELLED: """self_managed_event_source.endpoints
            self_managed_kafka_event_source_config.consumer_group_id source_access_configuration.type
            source_access_configuration.uri""",
    },
    "aws_lambda_function": {
        Use.READ: "function_name role vpc_config.security_group_ids vpc_config.subnet_ids",
        Use.LINK: """dead_letter_config.target_arn file_system_config.arn image_uri layers
            logging_config.log_group replacement_security_group_ids s3_bucket""",
        Use.CONTENT: "environment.variables",
        Use.NAME: "description",
        Use.FORMAT: """architectures file_system_config.local_mount_path filename handler image_config.command
            image_config.entry_point image_config.working_directory package_type runtime s3_key
            s3_object_version source_code_hash""",
        Use.KEY: "kms_key_arn",
        Use.KEPT: "publish snap_start.apply_on",
        Use.TIME: "timeout",
        Use.SIZE: "ephemeral_storage.size memory_size reserved_concurrent_executions",
        Use.MEASURED: """logging_config.application_log_level logging_config.log_format
            logging_config.system_log_level tracing_config.mode""",
        Use.RESTRICTED: "code_signing_config_arn",
        Use.CHANGED: "replace_security_groups_on_destroy skip_destroy",
        Use.UNMODELLED: "vpc_config.ipv6_allowed_for_dual_stack",
    },
    "aws_lambda_function_url": {
        Use.PART: "function_name",
        Use.READ: "authorization_type",
        Use.FORMAT: """cors.allow_credentials cors.allow_headers cors.allow_methods cors.allow_origins
            cors.expose_headers cors.max_age invoke_mode qualifier""",
    },
    "aws_lambda_invocation": {
        Use.PART: "function_name",
        Use.CONTENT: "input",
        Use.CHANGED: "lifecycle_scope qualifier terraform_key triggers",
    },
    "aws_lambda_permission": {
        Use.PART: "function_name",
        Use.READ: """action event_source_token function_url_auth_type principal principal_org_id source_account
            source_arn""",
        Use.NAME: "statement_id statement_id_prefix",
        Use.KEPT: "qualifier",
    },
    "aws_sfn_state_machine": {
        Use.READ: "name name_prefix",
        Use.LINK: "logging_configuration.log_destination role_arn",
        Use.CONTENT: "definition",
        Use.FORMAT: "type",
        Use.KEY: """encryption_configuration.kms_data_key_reuse_period_seconds encryption_configuration.kms_key_id
            encryption_configuration.type""",
        Use.KEPT: "publish",
        Use.MEASURED: """logging_configuration.include_execution_data logging_configuration.level
            tracing_configuration.enabled""",
    },
}
"""By resource type."""
