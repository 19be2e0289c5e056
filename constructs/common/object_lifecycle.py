"""What S3 does with a tenant's objects as they grow old."""

from __future__ import annotations

from typing import Final

from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
    S3BucketLifecycleConfigurationRuleTransition,
)

from tenancy.protection import Retention

ABORT_UPLOADS_AFTER_DAYS: Final = 7


def object_lifecycle_rules(retention: Retention) -> list[S3BucketLifecycleConfigurationRule]:
    """Return the rules of a versioned bucket, each with an explicit empty filter: without one the provider warns.

    Args:
        retention: of the objects, in days.
    """

    def every_object() -> list[S3BucketLifecycleConfigurationRuleFilter]:
        return [S3BucketLifecycleConfigurationRuleFilter(prefix="")]

    rules = [
        S3BucketLifecycleConfigurationRule(
            id="intelligent-tiering",
            status="Enabled",
            filter=every_object(),
            transition=[
                S3BucketLifecycleConfigurationRuleTransition(days=0, storage_class="INTELLIGENT_TIERING")
            ],
        ),
        S3BucketLifecycleConfigurationRule(
            id="noncurrent-versions",
            status="Enabled",
            filter=every_object(),
            noncurrent_version_expiration=[
                S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                    noncurrent_days=retention.noncurrent_versions
                )
            ],
        ),
        S3BucketLifecycleConfigurationRule(
            id="unfinished-uploads",
            status="Enabled",
            filter=every_object(),
            abort_incomplete_multipart_upload=[
                S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                    days_after_initiation=ABORT_UPLOADS_AFTER_DAYS
                )
            ],
        ),
    ]
    if retention.objects is not None:
        rules.append(
            S3BucketLifecycleConfigurationRule(
                id="expiration",
                status="Enabled",
                filter=every_object(),
                expiration=[S3BucketLifecycleConfigurationRuleExpiration(days=retention.objects)],
            )
        )
    return rules
