"""The S3 bucket that holds one tenant's objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_intelligent_tiering_configuration import (
    S3BucketIntelligentTieringConfiguration,
    S3BucketIntelligentTieringConfigurationTiering,
)
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
    S3BucketLifecycleConfigurationRuleTransition,
)
from cdktf_cdktf_provider_aws.s3_bucket_ownership_controls import (
    S3BucketOwnershipControls,
    S3BucketOwnershipControlsRule,
)
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_public_access_block import S3BucketPublicAccessBlock
from cdktf_cdktf_provider_aws.s3_bucket_server_side_encryption_configuration import (
    S3BucketServerSideEncryptionConfigurationA,
    S3BucketServerSideEncryptionConfigurationRuleA,
    S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA,
)
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)

from config.profiles import Unprotected
from constructs import Construct
from constructs.customer_key import CustomerKey
from constructs.policy import EVERYONE, Condition, Statement, only_tenant, policy_document

ARCHIVE_AFTER_DAYS: Final = {"ARCHIVE_ACCESS": 90, "DEEP_ARCHIVE_ACCESS": 180}
"""Days without access; 90 and 180 are the least that S3 admits
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_Tiering.html)."""
ABORT_UPLOADS_AFTER_DAYS: Final = 7

READ: Final = ("s3:GetObject",)
WRITE: Final = ("s3:PutObject",)
DELETE: Final = ("s3:DeleteObject",)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataBucketProps:
    """Whose objects, under which key, for how long.

    Attributes:
        name: physical name.
        tenant: id of the tenant; principals must carry it as the tag `tenant_tag`.
        tenant_tag: key of that tag.
        key: encrypts every object.
        object_expiration_days: age at which objects expire; `None` is never.
        noncurrent_version_days: age at which replaced and deleted versions go.
        unprotected: set where the bucket may be destroyed with all it holds.
        tags: of the bucket, beyond the provider's.
    """

    name: str
    tenant: str
    tenant_tag: str = "TenantId"
    key: CustomerKey
    object_expiration_days: int | None
    noncurrent_version_days: int
    unprotected: Unprotected | None
    tags: Mapping[str, str] = field(default_factory=dict)


class DataBucket(Construct):
    """A private, versioned bucket whose objects only one tenant's principals read and write.

    Attributes:
        bucket: the bucket.
    """

    def __init__(self, scope: Construct, id: str, props: DataBucketProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.bucket = S3Bucket(
            self,
            "bucket",
            bucket=props.name,
            force_destroy=props.unprotected is not None,
            lifecycle=TerraformResourceLifecycle(prevent_destroy=True) if not props.unprotected else None,
            tags=dict(props.tags) or None,
        )
        # Read once: each read is a message to the engine's process and back.
        self._arn, self._id = self.bucket.arn, self.bucket.id
        access = self._create_access_controls()
        self._create_encryption()
        versioning = S3BucketVersioningA(
            self,
            "versioning",
            bucket=self._id,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        # S3 refuses two changes of a bucket's access settings at once (OperationAborted).
        S3BucketPolicy(
            self,
            "policy",
            bucket=self._id,
            policy=policy_document(self._bucket_policy()),
            depends_on=[access],
        )
        self._create_lifecycle(versioning)
        self._create_intelligent_tiering()

    def statements_for_access(self) -> list[Statement]:
        """Return what a role of the tenant needs to list, read, write and delete objects."""
        own = (only_tenant(self._props.tenant, tag=self._props.tenant_tag),)
        return [
            Statement(
                sid="UseOwnObjects",
                actions=(*READ, *WRITE, *DELETE),
                resources=(f"{self._arn}/*",),
                conditions=own,
            ),
            Statement(
                sid="ListOwnBucket", actions=("s3:ListBucket",), resources=(self._arn,), conditions=own
            ),
        ]

    def statements_for_gateway(self) -> list[Statement]:
        """Return what the VPC's gateway endpoint lets through: this bucket, and what its users do with it."""
        return [
            Statement(
                sid="OwnObjects",
                actions=(*READ, *WRITE, *DELETE),
                resources=(f"{self._arn}/*",),
                principal=EVERYONE,
            ),
            Statement(
                sid="OwnBucket",
                actions=("s3:ListBucket",),
                resources=(self._arn,),
                principal=EVERYONE,
            ),
        ]

    def _create_access_controls(self) -> S3BucketPublicAccessBlock:
        ownership = S3BucketOwnershipControls(
            self,
            "ownership",
            bucket=self._id,
            rule=S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        return S3BucketPublicAccessBlock(
            self,
            "public_access_block",
            bucket=self._id,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
            depends_on=[ownership],
        )

    def _create_encryption(self) -> None:
        default = S3BucketServerSideEncryptionConfigurationRuleApplyServerSideEncryptionByDefaultA(
            sse_algorithm="aws:kms", kms_master_key_id=self._props.key.arn
        )
        S3BucketServerSideEncryptionConfigurationA(
            self,
            "encryption",
            bucket=self._id,
            rule=[
                S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default=default, bucket_key_enabled=True
                )
            ],
        )

    def _bucket_policy(self) -> list[Statement]:
        """Return denials only: what is allowed is said by the roles' own policies.

        The policy never speaks of the bucket's configuration, so that whoever deploys keeps it. Deletion is denied to
        others where the bucket is protected; elsewhere `force_destroy` needs the deployer to delete versions.
        """
        bucket, objects = self._arn, f"{self._arn}/*"
        reads_and_writes = ("s3:GetObject*", "s3:PutObject*")
        deletions = ("s3:DeleteObject*",) if self._props.unprotected is None else ()
        other_tenant = Condition(
            operator="StringNotEquals",
            key=f"aws:PrincipalTag/{self._props.tenant_tag}",
            values=(self._props.tenant,),
        )
        encryption = "s3:x-amz-server-side-encryption"
        key_id = "s3:x-amz-server-side-encryption-aws-kms-key-id"
        customer_algorithm = "s3:x-amz-server-side-encryption-customer-algorithm"
        return [
            Statement(
                sid="TlsOnly",
                effect="Deny",
                actions=("s3:*",),
                resources=(bucket, objects),
                principal=EVERYONE,
                conditions=(Condition(operator="Bool", key="aws:SecureTransport", values=("false",)),),
            ),
            Statement(
                sid="OwnPrincipalsOnly",
                effect="Deny",
                actions=(*reads_and_writes, *deletions),
                resources=(objects,),
                principal=EVERYONE,
                conditions=(other_tenant,),
            ),
            # A negated operator is true for a missing key, and an upload without the header gets the bucket's default,
            # which is right: so each denial asks first (Null) whether the header is there
            # (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms).
            Statement(
                sid="NoOtherEncryption",
                effect="Deny",
                actions=("s3:PutObject",),
                resources=(objects,),
                principal=EVERYONE,
                conditions=(
                    Condition(operator="Null", key=encryption, values=("false",)),
                    Condition(operator="StringNotEquals", key=encryption, values=("aws:kms",)),
                ),
            ),
            Statement(
                sid="NoOtherKey",
                effect="Deny",
                actions=("s3:PutObject",),
                resources=(objects,),
                principal=EVERYONE,
                conditions=(
                    Condition(operator="Null", key=key_id, values=("false",)),
                    Condition(operator="ArnNotEquals", key=key_id, values=(self._props.key.arn,)),
                ),
            ),
            Statement(
                sid="NoKeyOfTheCaller",
                effect="Deny",
                actions=("s3:PutObject",),
                resources=(objects,),
                principal=EVERYONE,
                conditions=(Condition(operator="Null", key=customer_algorithm, values=("false",)),),
            ),
        ]

    def _create_lifecycle(self, versioning: S3BucketVersioningA) -> None:
        """Create the rules, each with an explicit empty filter: without one the provider warns."""

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
                        noncurrent_days=self._props.noncurrent_version_days
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
        if self._props.object_expiration_days is not None:
            rules.append(
                S3BucketLifecycleConfigurationRule(
                    id="expiration",
                    status="Enabled",
                    filter=every_object(),
                    expiration=[
                        S3BucketLifecycleConfigurationRuleExpiration(days=self._props.object_expiration_days)
                    ],
                )
            )
        S3BucketLifecycleConfiguration(
            self, "lifecycle", bucket=self._id, rule=rules, depends_on=[versioning]
        )

    def _create_intelligent_tiering(self) -> None:
        S3BucketIntelligentTieringConfiguration(
            self,
            "intelligent_tiering",
            bucket=self._id,
            name="EntireBucket",
            tiering=[
                S3BucketIntelligentTieringConfigurationTiering(access_tier=tier, days=days)
                for tier, days in ARCHIVE_AFTER_DAYS.items()
            ],
        )
