"""Arguments of relational databases.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/ is the source.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from isolation.catalogue.arguments.uses import Arguments, Use

DATABASES: Final[Mapping[str, Arguments]] = {
    "aws_db_subnet_group": {
        Use.READ: "name name_prefix",
        Use.LINK: "subnet_ids",
        Use.NAME: "description",
    },
    "aws_rds_cluster": {
        Use.READ: """cluster_identifier cluster_identifier_prefix enabled_cloudwatch_logs_exports
            final_snapshot_identifier manage_master_user_password""",
        Use.LINK: """cluster_members db_subnet_group_name iam_roles monitoring_role_arn
            replication_source_identifier restore_to_point_in_time.source_cluster_identifier
            restore_to_point_in_time.source_cluster_resource_id s3_import.bucket_name s3_import.ingestion_role
            snapshot_identifier vpc_security_group_ids""",
        Use.CONTENT: "master_password master_password_wo",
        Use.NAME: "database_name db_system_id master_password_wo_version master_username",
        Use.FORMAT: """db_cluster_parameter_group_name db_instance_parameter_group_name engine
            engine_lifecycle_support engine_mode engine_version port s3_import.bucket_prefix
            s3_import.source_engine s3_import.source_engine_version""",
        Use.KEPT: "enable_http_endpoint iam_database_authentication_enabled",
        Use.KEY: """ca_certificate_identifier kms_key_id master_user_secret_kms_key_id
            performance_insights_kms_key_id storage_encrypted""",
        Use.MEASURED: """database_insights_mode monitoring_interval performance_insights_enabled
            performance_insights_retention_period""",
        Use.TIME: """backtrack_window backup_retention_period preferred_backup_window
            preferred_maintenance_window restore_to_point_in_time.restore_to_time
            restore_to_point_in_time.restore_type restore_to_point_in_time.use_latest_restorable_time""",
        Use.SIZE: """allocated_storage cluster_scalability_type db_cluster_instance_class
            enable_local_write_forwarding iops scaling_configuration.auto_pause
            scaling_configuration.max_capacity scaling_configuration.min_capacity
            scaling_configuration.seconds_before_timeout scaling_configuration.seconds_until_auto_pause
            scaling_configuration.timeout_action serverlessv2_scaling_configuration.max_capacity
            serverlessv2_scaling_configuration.min_capacity
            serverlessv2_scaling_configuration.seconds_until_auto_pause storage_type""",
        Use.PLACED: "availability_zones",
        Use.PROTECTED: "copy_tags_to_snapshot deletion_protection",
        Use.CHANGED: """allow_major_version_upgrade apply_immediately delete_automated_backups
            skip_final_snapshot""",
        Use.UNMODELLED: """domain domain_iam_role_name enable_global_write_forwarding global_cluster_identifier
            network_type source_region""",
    },
    "aws_rds_cluster_instance": {
        Use.PART: "cluster_identifier",
        Use.READ: """identifier identifier_prefix monitoring_interval performance_insights_enabled
            publicly_accessible""",
        Use.LINK: "db_subnet_group_name monitoring_role_arn",
        Use.FORMAT: "db_parameter_group_name engine engine_version",
        Use.KEY: "ca_cert_identifier performance_insights_kms_key_id",
        Use.MEASURED: "performance_insights_retention_period",
        Use.TIME: "preferred_backup_window preferred_maintenance_window",
        Use.SIZE: "instance_class promotion_tier",
        Use.PLACED: "availability_zone",
        Use.PROTECTED: "copy_tags_to_snapshot",
        Use.CHANGED: "apply_immediately auto_minor_version_upgrade force_destroy",
        Use.UNMODELLED: "custom_iam_instance_profile",
    },
    "aws_rds_cluster_parameter_group": {
        Use.READ: "name name_prefix",
        Use.NAME: "description",
        Use.FORMAT: "family parameter.apply_method parameter.name parameter.value",
    },
}
"""By resource type."""
