"""The S3 bucket that holds releases, of which no object is ever written over."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import S3BucketLifecycleConfiguration
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)

from constructs import Construct
from constructs.common.bucket_settings import close_to_public, encrypt_by_default
from constructs.common.customer_key import CustomerKey
from constructs.common.lifecycle import protected_lifecycle
from constructs.common.log_bucket import LogBucket
from constructs.common.object_lifecycle import object_lifecycle_rules
from policies.conditions import principal_has_tag
from policies.grantee import Grantee
from policies.statements import EVERYONE, Condition, Statement, policy_document
from tenancy.owner import FARGATE_TAG, SILO_TAG
from tenancy.protection import Protection, Retention

LISTS: Final = "rollouts/"
"""Beginning of the keys of the lists of a wave's stacks, which the state machine reads."""
TENANTS: Final = {"DenySiloTenants": SILO_TAG, "DenyFargateTenants": FARGATE_TAG}
"""Who has nothing to do with releases, by the statement that says so: a tag of its principals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseBucketProps:
    """What it is called, and how it is kept.

    Attributes:
        name: physical name.
        key: encrypts every object.
        protection: of the releases.
        retention: of replaced versions; releases do not expire, since an earlier one may be rolled out again.
        logs: where its access log is written; `None` keeps none.
    """

    name: str
    key: CustomerKey
    protection: Protection
    retention: Retention
    logs: LogBucket | None


class ReleaseBucket(Construct):
    """A private, versioned bucket whose objects are written once.

    Attributes:
        resource: the bucket.
        name: of the bucket.
        arn: of the bucket.
    """

    def __init__(self, scope: Construct, id: str, props: ReleaseBucketProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.resource = S3Bucket(
            self,
            "bucket",
            bucket=props.name,
            force_destroy=not props.protection.protected,
            lifecycle=protected_lifecycle(props.protection),
        )
        self.name, self.arn, self._id = self.resource.bucket, self.resource.arn, self.resource.id
        access = close_to_public(self, bucket=self._id)
        encrypt_by_default(self, bucket=self._id, key_arn=props.key.arn)
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
            rule=object_lifecycle_rules(replace(props.retention, objects=None)),
            depends_on=[versioning],
        )
        if props.logs:
            props.logs.create_logging(self, "logging", bucket=self._id, name=props.name)

    def grant_read_lists(self, grantee: Grantee) -> None:
        """Let `grantee` read the lists of stacks, and no release."""
        grantee.add_to_policy(
            Statement(
                sid="ReadListsOfStacks",
                actions=("s3:GetObject",),
                resources=(f"{self.arn}/{LISTS}*",),
            )
        )

    def _bucket_policy(self) -> list[Statement]:
        """Return denials only: what is allowed is said by the policy of whoever deploys.

        S3 keeps an object that is put with `If-None-Match: *` only where there is none of its key, and whoever leaves
        the header out is refused. So is a copy, which takes no such header
        (https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html, read 2026-11-28).
        """
        objects = f"{self.arn}/*"
        kept = [
            Statement(
                sid="DenyDeletion",
                effect="Deny",
                actions=("s3:DeleteObject*",),
                resources=(objects,),
                principal=EVERYONE,
            )
        ]
        return [
            Statement(
                sid="DenyPlainHttp",
                effect="Deny",
                actions=("s3:*",),
                resources=(self.arn, objects),
                principal=EVERYONE,
                conditions=(Condition(operator="Bool", key="aws:SecureTransport", values=("false",)),),
            ),
            Statement(
                sid="DenyWritingOver",
                effect="Deny",
                actions=("s3:PutObject",),
                resources=(objects,),
                principal=EVERYONE,
                conditions=(Condition(operator="Null", key="s3:if-none-match", values=("true",)),),
            ),
            *(kept if self._props.protection.protected else []),
            *(
                Statement(
                    sid=sid,
                    effect="Deny",
                    actions=("s3:DeleteObject*", "s3:GetObject*", "s3:PutObject*"),
                    resources=(objects,),
                    principal=EVERYONE,
                    conditions=(principal_has_tag(tag),),
                )
                for sid, tag in TENANTS.items()
            ),
        ]
