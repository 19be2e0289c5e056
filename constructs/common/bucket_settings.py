"""What every bucket has: nobody's public access, and encryption by default."""

from __future__ import annotations

from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)

from constructs import Construct


def close_to_public(scope: Construct, *, bucket: str) -> S3BucketPublicAccessBlock:
    """Leave a bucket without access lists and public access; what it returns is to depend on.

    S3 refuses two changes of a bucket's access settings at once (OperationAborted).

    Args:
        scope: the construct of the bucket.
        bucket: its id.
    """
    ownership = S3BucketOwnershipControls(
        scope,
        "ownership",
        bucket=bucket,
        rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
    )
    return S3BucketPublicAccessBlock(
        scope,
        "public_access_block",
        bucket=bucket,
        block_public_acls=True,
        block_public_policy=True,
        ignore_public_acls=True,
        restrict_public_buckets=True,
        depends_on=[ownership],
    )


def encrypt_by_default(scope: Construct, *, bucket: str, key_arn: str | None) -> None:
    """Encrypt what is put into a bucket without saying how.

    Args:
        scope: the construct of the bucket.
        bucket: its id.
        key_arn: of the KMS key; `None` takes S3's own keys.
    """
    default = S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
        sse_algorithm="AES256" if key_arn is None else "aws:kms", kms_master_key_id=key_arn
    )
    S3BucketServerSideEncryptionConfigurationA(
        scope,
        "encryption",
        bucket=bucket,
        rule=[
            S3BucketServerSideEncryptionConfigurationRuleA(
                apply_server_side_encryption_by_default=default,
                # Fewer requests to KMS, where there are any.
                bucket_key_enabled=None if key_arn is None else True,
            )
        ],
    )
