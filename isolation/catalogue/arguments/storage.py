"""Arguments of buckets, tables, databases and image repositories.

https://docs.aws.amazon.com/AmazonS3/latest/API/,
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/,
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/ and
https://docs.aws.amazon.com/AmazonECR/latest/APIReference/ are the sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from isolation.catalogue.arguments.uses import Arguments, Use

_REPLICATION: Final = """replication_configuration.rules.delete_marker_replication_status
    replication_configuration.rules.destination.metrics.minutes
    replication_configuration.rules.destination.metrics.status
    replication_configuration.rules.destination.replication_time.minutes
    replication_configuration.rules.destination.replication_time.status
    replication_configuration.rules.destination.storage_class replication_configuration.rules.filter.prefix
    replication_configuration.rules.filter.tags replication_configuration.rules.id
    replication_configuration.rules.prefix replication_configuration.rules.priority
    replication_configuration.rules.source_selection_criteria.sse_kms_encrypted_objects.enabled
    replication_configuration.rules.status"""
"""Which objects are replicated, and how; where to is a link."""

STORAGE: Final[Mapping[str, Arguments]] = {
    "aws_s3_bucket": {
        Use.READ: "bucket bucket_prefix",
        Use.POLICY: "policy",
        Use.LINK: """logging.target_bucket replication_configuration.role
            replication_configuration.rules.destination.bucket""",
        Use.FORMAT: f"""cors_rule.allowed_headers cors_rule.allowed_methods cors_rule.allowed_origins
            cors_rule.expose_headers cors_rule.max_age_seconds logging.target_prefix request_payer
            website.error_document website.index_document {_REPLICATION}""",
        Use.KEY: """replication_configuration.rules.destination.replica_kms_key_id
            server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.kms_master_key_id
            server_side_encryption_configuration.rule.apply_server_side_encryption_by_default.sse_algorithm
            server_side_encryption_configuration.rule.bucket_key_enabled""",
        Use.TIME: """lifecycle_rule.abort_incomplete_multipart_upload_days lifecycle_rule.enabled
            lifecycle_rule.expiration.date lifecycle_rule.expiration.days
            lifecycle_rule.expiration.expired_object_delete_marker lifecycle_rule.id
            lifecycle_rule.noncurrent_version_expiration.days lifecycle_rule.noncurrent_version_transition.days
            lifecycle_rule.noncurrent_version_transition.storage_class lifecycle_rule.prefix lifecycle_rule.tags
            lifecycle_rule.transition.date lifecycle_rule.transition.days
            lifecycle_rule.transition.storage_class""",
        Use.PROTECTED: """object_lock_configuration.object_lock_enabled
            object_lock_configuration.rule.default_retention.days
            object_lock_configuration.rule.default_retention.mode
            object_lock_configuration.rule.default_retention.years object_lock_enabled versioning.enabled
            versioning.mfa_delete""",
        Use.SIZE: "acceleration_status",
        Use.CHANGED: "force_destroy",
        Use.UNMODELLED: """acl grant.id grant.permissions grant.type grant.uri
            replication_configuration.rules.destination.access_control_translation.owner
            replication_configuration.rules.destination.account_id website.redirect_all_requests_to
            website.routing_rules""",
    },
    "aws_s3_bucket_acl": {
        Use.PART: "bucket",
        Use.READ: "acl",
        Use.RESTRICTED: "expected_bucket_owner",
        Use.UNMODELLED: """access_control_policy.grant.grantee.email_address
            access_control_policy.grant.grantee.id access_control_policy.grant.grantee.type
            access_control_policy.grant.grantee.uri access_control_policy.grant.permission
            access_control_policy.owner.display_name access_control_policy.owner.id""",
    },
    "aws_s3_bucket_intelligent_tiering_configuration": {
        Use.PART: "bucket",
        Use.NAME: "name",
        Use.TIME: "filter.prefix filter.tags status tiering.access_tier tiering.days",
    },
    "aws_s3_bucket_lifecycle_configuration": {
        Use.PART: "bucket",
        Use.RESTRICTED: "expected_bucket_owner",
        Use.TIME: """rule.abort_incomplete_multipart_upload.days_after_initiation rule.expiration.date
            rule.expiration.days rule.expiration.expired_object_delete_marker
            rule.filter.and.object_size_greater_than rule.filter.and.object_size_less_than rule.filter.and.prefix
            rule.filter.and.tags rule.filter.object_size_greater_than rule.filter.object_size_less_than
            rule.filter.prefix rule.filter.tag.key rule.filter.tag.value rule.id
            rule.noncurrent_version_expiration.newer_noncurrent_versions
            rule.noncurrent_version_expiration.noncurrent_days
            rule.noncurrent_version_transition.newer_noncurrent_versions
            rule.noncurrent_version_transition.noncurrent_days rule.noncurrent_version_transition.storage_class
            rule.prefix rule.status rule.transition.date rule.transition.days rule.transition.storage_class
            transition_default_minimum_object_size""",
    },
    "aws_s3_bucket_logging": {
        Use.PART: "bucket",
        Use.LINK: "target_bucket",
        Use.RESTRICTED: "expected_bucket_owner",
        Use.FORMAT: """target_object_key_format.partitioned_prefix.partition_date_source
            target_object_key_format.simple_prefix target_prefix""",
        Use.UNMODELLED: """target_grant.grantee.email_address target_grant.grantee.id target_grant.grantee.type
            target_grant.grantee.uri target_grant.permission""",
    },
    "aws_s3_bucket_ownership_controls": {Use.PART: "bucket", Use.RESTRICTED: "rule.object_ownership"},
    "aws_s3_bucket_policy": {Use.PART: "bucket", Use.POLICY: "policy"},
    "aws_s3_bucket_public_access_block": {
        Use.PART: "bucket",
        Use.RESTRICTED: "block_public_acls block_public_policy ignore_public_acls restrict_public_buckets",
    },
    "aws_s3_bucket_server_side_encryption_configuration": {
        Use.PART: "bucket",
        Use.KEY: """rule.apply_server_side_encryption_by_default.kms_master_key_id
            rule.apply_server_side_encryption_by_default.sse_algorithm rule.bucket_key_enabled""",
        Use.RESTRICTED: "expected_bucket_owner",
    },
    "aws_s3_bucket_versioning": {
        Use.PART: "bucket",
        Use.PROTECTED: "mfa versioning_configuration.mfa_delete versioning_configuration.status",
        Use.RESTRICTED: "expected_bucket_owner",
    },
    "aws_dynamodb_contributor_insights": {Use.PART: "table_name", Use.NAME: "index_name"},
    "aws_dynamodb_resource_policy": {
        Use.PART: "resource_arn",
        Use.POLICY: "policy",
        Use.CHANGED: "confirm_remove_self_resource_access",
    },
    "aws_dynamodb_table": {
        Use.READ: "name replica.propagate_tags replica.region_name",
        Use.LINK: """import_table.s3_bucket_source.bucket restore_source_name restore_source_table_arn""",
        Use.FORMAT: """attribute.name attribute.type global_secondary_index.hash_key global_secondary_index.name
            global_secondary_index.non_key_attributes global_secondary_index.projection_type
            global_secondary_index.range_key hash_key import_table.input_compression_type
            import_table.input_format import_table.input_format_options.csv.delimiter
            import_table.input_format_options.csv.header_list import_table.s3_bucket_source.bucket_owner
            import_table.s3_bucket_source.key_prefix local_secondary_index.name
            local_secondary_index.non_key_attributes local_secondary_index.projection_type
            local_secondary_index.range_key range_key stream_view_type""",
        Use.KEPT: """point_in_time_recovery.enabled point_in_time_recovery.recovery_period_in_days
            replica.point_in_time_recovery stream_enabled""",
        Use.KEY: "replica.kms_key_arn server_side_encryption.enabled server_side_encryption.kms_key_arn",
        Use.TIME: "restore_date_time restore_to_latest_time ttl.attribute_name ttl.enabled",
        Use.SIZE: """billing_mode global_secondary_index.on_demand_throughput.max_read_request_units
            global_secondary_index.on_demand_throughput.max_write_request_units
            global_secondary_index.read_capacity global_secondary_index.write_capacity
            on_demand_throughput.max_read_request_units on_demand_throughput.max_write_request_units
            read_capacity table_class write_capacity""",
        Use.PROTECTED: "deletion_protection_enabled",
    },
    "aws_backup_plan": {
        Use.LINK: "rule.copy_action.destination_vault_arn rule.target_vault_name",
        Use.NAME: "name rule.recovery_point_tags rule.rule_name",
        Use.TIME: """rule.completion_window rule.copy_action.lifecycle.cold_storage_after
            rule.copy_action.lifecycle.delete_after
            rule.copy_action.lifecycle.opt_in_to_archive_for_supported_resources rule.enable_continuous_backup
            rule.lifecycle.cold_storage_after rule.lifecycle.delete_after
            rule.lifecycle.opt_in_to_archive_for_supported_resources rule.schedule
            rule.schedule_expression_timezone rule.start_window""",
        Use.UNMODELLED: """advanced_backup_setting.backup_options advanced_backup_setting.resource_type""",
    },
    "aws_backup_selection": {
        Use.PART: "plan_id",
        Use.LINK: "iam_role_arn resources",
        Use.NAME: "name",
        Use.RESTRICTED: "not_resources",
        Use.UNMODELLED: """condition.string_equals.key condition.string_equals.value condition.string_like.key
            condition.string_like.value condition.string_not_equals.key condition.string_not_equals.value
            condition.string_not_like.key condition.string_not_like.value selection_tag.key selection_tag.type
            selection_tag.value""",
    },
    "aws_backup_vault": {
        Use.READ: "name",
        Use.KEY: "kms_key_arn",
        Use.CHANGED: "force_destroy",
    },
    "aws_backup_vault_policy": {Use.PART: "backup_vault_name", Use.POLICY: "policy"},
    "aws_ecr_repository": {
        Use.READ: "name",
        Use.KEY: "encryption_configuration.encryption_type encryption_configuration.kms_key",
        Use.PROTECTED: "image_tag_mutability",
        Use.MEASURED: "image_scanning_configuration.scan_on_push",
        Use.CHANGED: "force_delete",
    },
    "aws_ecr_repository_policy": {Use.PART: "repository", Use.POLICY: "policy"},
}
"""By resource type."""
