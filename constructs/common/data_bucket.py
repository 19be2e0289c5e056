"""The S3 bucket that holds one tenant's objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_intelligent_tiering_configuration import (
    S3BucketIntelligentTieringConfiguration,
    S3BucketIntelligentTieringConfigurationTiering,
)
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import S3BucketLifecycleConfiguration
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)

from constructs import Construct
from constructs.common.account import Account
from constructs.common.backup_rights import grant_backup_bucket
from constructs.common.bucket_settings import close_to_public, encrypt_by_default
from constructs.common.customer_key import CustomerKey
from constructs.common.lifecycle import protected_lifecycle
from constructs.common.log_bucket import LogBucket
from constructs.common.object_lifecycle import object_lifecycle_rules
from policies.conditions import principal_not_tagged, principal_tagged
from policies.grantee import Grantee
from policies.statements import EVERYONE, Condition, Statement, policy_document
from tenancy.owner import AnyOwner
from tenancy.protection import Protection, Retention

ARCHIVE_AFTER_DAYS: Final = {"ARCHIVE_ACCESS": 90, "DEEP_ARCHIVE_ACCESS": 180}
"""Days without access; 90 and 180 are the least that S3 admits
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_Tiering.html)."""

READ: Final = ("s3:GetObject",)
WRITE: Final = ("s3:PutObject",)
DELETE: Final = ("s3:DeleteObject",)
RESTORE: Final = ("s3:RestoreObject",)
"""From the archive tiers of S3 Intelligent-Tiering, where an object can be listed and not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataBucketProps:
    """Whose objects, under which key, for how long.

    Attributes:
        name: physical name.
        owner: whose principals alone read and write objects.
        key: encrypts every object.
        protection: of the objects.
        retention: of the objects.
        logs: where its access log is written; `None` keeps none.
        tags: of the bucket, beyond the provider's.
    """

    name: str
    owner: AnyOwner
    key: CustomerKey
    protection: Protection
    retention: Retention
    logs: LogBucket | None
    tags: Mapping[str, str] = field(default_factory=dict)


class DataBucket(Construct):
    """A private, versioned bucket whose objects only one tenant's principals read and write.

    Attributes:
        resource: the bucket.
        name: of the bucket.
        arn: of the bucket.
    """

    def __init__(self, scope: Construct, id: str, props: DataBucketProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.resource = S3Bucket(
            self,
            "bucket",
            bucket=props.name,
            force_destroy=not props.protection.protected,
            lifecycle=protected_lifecycle(props.protection),
            tags=dict(props.tags) or None,
        )
        # Read once: each read is a message to Node.js and back.
        self.name, self.arn, self._id = self.resource.bucket, self.resource.arn, self.resource.id
        access = close_to_public(self, bucket=self._id)
        encrypt_by_default(self, bucket=self._id, key_arn=self._props.key.arn)
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
        S3BucketLifecycleConfiguration(
            self,
            "lifecycle",
            bucket=self._id,
            rule=object_lifecycle_rules(props.retention),
            depends_on=[versioning],
        )
        self._create_intelligent_tiering()
        if props.logs:
            props.logs.create_logging(self, "logging", bucket=self._id, name=props.name)

    def grant_read_write(self, grantee: Grantee) -> None:
        """Let `grantee`, as a principal of the owner, list, read, write and delete objects."""
        own = (principal_tagged(self._props.owner.tag, self._props.owner.tenant),)
        grantee.add_to_policy(
            Statement(
                sid="UseOwnObjects",
                actions=(*READ, *WRITE, *DELETE, *RESTORE),
                resources=(f"{self.arn}/*",),
                conditions=own,
            ),
            Statement(sid="ListOwnBucket", actions=("s3:ListBucket",), resources=(self.arn,), conditions=own),
        )

    def grant_backup(self, grantee: Grantee, account: Account) -> None:
        """Let `grantee`, which must have the owner's tag to read objects, back the bucket up."""
        grant_backup_bucket(grantee, self.arn, account)

    def grant_passage(self, gateway: Grantee) -> None:
        """Let requests to this bucket, and only what its users do with it, pass the VPC endpoint `gateway`."""
        gateway.add_to_policy(
            Statement(
                sid="PassToOwnObjects",
                actions=(*READ, *WRITE, *DELETE, *RESTORE),
                resources=(f"{self.arn}/*",),
                principal=EVERYONE,
            ),
            Statement(
                sid="PassToOwnBucket",
                actions=("s3:ListBucket",),
                resources=(self.arn,),
                principal=EVERYONE,
            ),
        )

    def _bucket_policy(self) -> list[Statement]:
        """Return denials only: what is allowed is said by the roles' own policies.

        The policy says nothing about the bucket's configuration, so that whoever deploys keeps access to it. Deletion
        is denied to others where the bucket is protected; elsewhere `force_destroy` has the deployer delete versions.
        """
        bucket, objects = self.arn, f"{self.arn}/*"
        reads_and_writes = ("s3:GetObject*", "s3:PutObject*")
        deletions = ("s3:DeleteObject*",) if self._props.protection.protected else ()
        owner = self._props.owner
        encryption = "s3:x-amz-server-side-encryption"
        key_id = "s3:x-amz-server-side-encryption-aws-kms-key-id"
        customer_algorithm = "s3:x-amz-server-side-encryption-customer-algorithm"
        return [
            Statement(
                sid="DenyPlainHttp",
                effect="Deny",
                actions=("s3:*",),
                resources=(bucket, objects),
                principal=EVERYONE,
                conditions=(Condition(operator="Bool", key="aws:SecureTransport", values=("false",)),),
            ),
            Statement(
                sid="DenyOtherPrincipals",
                effect="Deny",
                actions=(*reads_and_writes, *deletions),
                resources=(objects,),
                principal=EVERYONE,
                conditions=(principal_not_tagged(owner.tag, owner.tenant),),
            ),
            # A negated operator is true for a missing key, and an upload without the header gets the bucket's default,
            # which is right: so each denial asks first (Null) whether the header is there
            # (https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms).
            Statement(
                sid="DenyOtherEncryption",
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
                sid="DenyOtherKeys",
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
                sid="DenyCustomerProvidedKeys",
                effect="Deny",
                actions=("s3:PutObject",),
                resources=(objects,),
                principal=EVERYONE,
                conditions=(Condition(operator="Null", key=customer_algorithm, values=("false",)),),
            ),
        ]

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
