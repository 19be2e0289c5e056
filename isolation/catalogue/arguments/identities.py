"""Arguments of roles, users, policies, keys, secrets and parameters.

https://docs.aws.amazon.com/IAM/latest/APIReference/, https://docs.aws.amazon.com/kms/latest/APIReference/ and
https://docs.aws.amazon.com/secretsmanager/latest/apireference/ are the sources.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from isolation.catalogue.arguments.uses import Arguments, Use

IDENTITIES: Final[Mapping[str, Arguments]] = {
    "aws_iam_policy": {
        Use.READ: "name name_prefix path",
        Use.POLICY: "policy",
        Use.NAME: "description",
    },
    "aws_iam_role": {
        Use.READ: "name name_prefix path managed_policy_arns permissions_boundary",
        Use.POLICY: "assume_role_policy inline_policy.policy",
        Use.NAME: "description inline_policy.name",
        Use.TIME: "max_session_duration",
        Use.CHANGED: "force_detach_policies",
    },
    "aws_iam_role_policy": {
        Use.PART: "role",
        Use.POLICY: "policy",
        Use.NAME: "name name_prefix",
    },
    "aws_iam_role_policy_attachment": {
        Use.PART: "role",
        Use.READ: "policy_arn",
    },
    "aws_iam_user": {
        Use.READ: "name path permissions_boundary",
        Use.CHANGED: "force_destroy",
    },
    "aws_iam_user_policy": {
        Use.PART: "user",
        Use.POLICY: "policy",
        Use.NAME: "name name_prefix",
    },
    "aws_iam_user_policy_attachment": {
        Use.PART: "user",
        Use.READ: "policy_arn",
    },
    "aws_kms_alias": {
        Use.PART: "target_key_id",
        Use.READ: "name name_prefix",
    },
    "aws_kms_grant": {
        Use.PART: "key_id",
        Use.READ: """grantee_principal operations constraints.encryption_context_equals
            constraints.encryption_context_subset""",
        Use.NAME: "name grant_creation_tokens",
        Use.CHANGED: "retire_on_delete retiring_principal",
    },
    "aws_kms_key": {
        Use.POLICY: "policy",
        Use.NAME: "description",
        Use.KEY: "customer_master_key_spec key_usage multi_region",
        Use.TIME: "deletion_window_in_days enable_key_rotation rotation_period_in_days",
        Use.RESTRICTED: "is_enabled",
        Use.CHANGED: "bypass_policy_lockout_safety_check",
        Use.UNMODELLED: "custom_key_store_id xks_key_id",
    },
    "aws_kms_key_policy": {
        Use.PART: "key_id",
        Use.POLICY: "policy",
        Use.CHANGED: "bypass_policy_lockout_safety_check",
    },
    "aws_iam_service_linked_role": {
        Use.READ: "aws_service_name",
        Use.NAME: "custom_suffix description",
    },
    "aws_secretsmanager_secret": {
        Use.READ: "name name_prefix replica.region",
        Use.POLICY: "policy",
        Use.NAME: "description",
        Use.KEY: "kms_key_id replica.kms_key_id",
        Use.TIME: "recovery_window_in_days",
        Use.UNMODELLED: "force_overwrite_replica_secret",
    },
    "aws_secretsmanager_secret_policy": {
        Use.PART: "secret_arn",
        Use.POLICY: "policy",
        Use.RESTRICTED: "block_public_policy",
    },
    "aws_secretsmanager_secret_version": {
        Use.PART: "secret_id",
        Use.CONTENT: "secret_binary secret_string secret_string_wo",
        Use.NAME: "secret_string_wo_version version_stages",
    },
    "aws_ssm_parameter": {
        Use.READ: "name",
        Use.CONTENT: "insecure_value value value_wo",
        Use.NAME: "description value_wo_version",
        Use.FORMAT: "data_type type",
        Use.KEY: "key_id",
        Use.SIZE: "tier",
        Use.RESTRICTED: "allowed_pattern",
        Use.UNMODELLED: "arn overwrite",
    },
}
"""By resource type."""
