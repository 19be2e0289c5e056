"""What holds the data in a root of a tenant."""

from emulator.server import REGION
from tests.emulator.roots.writing import Block, allow, policy


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
                ),
                allow("kms:*", "*", Principal={"Service": f"logs.{REGION}.amazonaws.com"}),
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
