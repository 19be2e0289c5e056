"""The bucket that access logs are written to: the load balancer's, and those of other buckets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cdktf_cdktf_provider_aws.s3_bucket import S3Bucket
from cdktf_cdktf_provider_aws.s3_bucket_lifecycle_configuration import (
    S3BucketLifecycleConfiguration,
    S3BucketLifecycleConfigurationRule,
    S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload,
    S3BucketLifecycleConfigurationRuleExpiration,
    S3BucketLifecycleConfigurationRuleFilter,
    S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration,
)
from cdktf_cdktf_provider_aws.s3_bucket_logging import S3BucketLoggingA
from cdktf_cdktf_provider_aws.s3_bucket_policy import S3BucketPolicy
from cdktf_cdktf_provider_aws.s3_bucket_versioning import (
    S3BucketVersioningA,
    S3BucketVersioningVersioningConfiguration,
)

from constructs import Construct
from constructs.common.account import Account
from constructs.common.bucket_settings import close_to_public, encrypt_by_default
from constructs.common.lifecycle import protected_lifecycle
from policies.conditions import from_source, principal_has_tag
from policies.statements import EVERYONE, Condition, Principal, Statement, policy_document
from tenancy.owner import FARGATE_TAG, SILO_TAG
from tenancy.protection import Protection

LOG_DELIVERY: Final = "logdelivery.elasticloadbalancing.amazonaws.com"
"""Who writes access logs of load balancers, under the account's own prefix
(https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html, read 2026-11-27)."""
S3_LOG_DELIVERY: Final = "logging.s3.amazonaws.com"
"""Who writes the access logs of buckets of the same account and region
(https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html, read 2026-11-27)."""
TENANTS: Final = {"DenySiloTenants": SILO_TAG, "DenyFargateTenants": FARGATE_TAG}
"""Who neither reads nor writes logs, by the statement that says so: a tag of its principals."""
BUCKETS_PREFIX: Final = "buckets/"
"""Of the keys of buckets' access logs; each bucket has its own below."""
REPLACED_DAYS: Final = 30
UPLOAD_DAYS: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class LogBucketProps:
    """What it is called, and for how long logs are kept.

    Attributes:
        name: physical name.
        account: whose load balancers or buckets write to it.
        retention_days: after which a log expires.
        protection: of the logs.
        load_balancers: whether load balancers write to it.
        buckets: name of the bucket that writes to it, or a pattern of several.
    """

    name: str
    account: Account
    retention_days: int
    protection: Protection
    load_balancers: bool
    buckets: str


class LogBucket(Construct):
    """A private, versioned bucket that AWS writes access logs to, that expire. Nobody is granted to read them.

    It is encrypted with S3's own keys: access logs take no others (the pages at `LOG_DELIVERY` and `S3_LOG_DELIVERY`).

    Attributes:
        name: of the bucket.
        policy: to depend on: a load balancer that may not write is refused.
    """

    def __init__(self, scope: Construct, id: str, props: LogBucketProps) -> None:
        super().__init__(scope, id)
        self._props = props
        bucket = S3Bucket(
            self,
            "bucket",
            bucket=props.name,
            force_destroy=not props.protection.protected,
            lifecycle=protected_lifecycle(props.protection),
        )
        self.name, self._arn, self._id = bucket.bucket, bucket.arn, bucket.id
        access = close_to_public(self, bucket=self._id)
        encrypt_by_default(self, bucket=self._id, key_arn=None)
        versioning = S3BucketVersioningA(
            self,
            "versioning",
            bucket=self._id,
            versioning_configuration=S3BucketVersioningVersioningConfiguration(status="Enabled"),
        )
        self._create_lifecycle(versioning)
        # S3 refuses two changes of a bucket's access settings at once (OperationAborted).
        self.policy = S3BucketPolicy(
            self,
            "policy",
            bucket=self._id,
            policy=policy_document(self._statements()),
            depends_on=[access],
        )

    def create_logging(self, scope: Construct, id: str, *, bucket: str, name: str) -> None:
        """Have S3 write the access log of another bucket here.

        Args:
            scope: the construct of that bucket.
            id: of the setting.
            bucket: id of that bucket.
            name: of that bucket, which the logs' keys begin with.
        """
        S3BucketLoggingA(
            scope,
            id,
            bucket=bucket,
            target_bucket=self._id,
            target_prefix=f"{BUCKETS_PREFIX}{name}/",
            depends_on=[self.policy],
        )

    def _create_lifecycle(self, versioning: S3BucketVersioningA) -> None:
        S3BucketLifecycleConfiguration(
            self,
            "lifecycle",
            bucket=self._id,
            rule=[
                S3BucketLifecycleConfigurationRule(
                    id="expire",
                    status="Enabled",
                    # Without an explicit filter the provider warns.
                    filter=[S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    expiration=[
                        S3BucketLifecycleConfigurationRuleExpiration(days=self._props.retention_days)
                    ],
                    noncurrent_version_expiration=[
                        S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                            noncurrent_days=REPLACED_DAYS
                        )
                    ],
                    abort_incomplete_multipart_upload=[
                        S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                            days_after_initiation=UPLOAD_DAYS
                        )
                    ],
                )
            ],
            depends_on=[versioning],
        )

    def _statements(self) -> list[Statement]:
        return [
            *([self._load_balancers_write()] if self._props.load_balancers else []),
            self._buckets_write(),
            Statement(
                sid="DenyPlainHttp",
                effect="Deny",
                actions=("s3:*",),
                resources=(self._arn, f"{self._arn}/*"),
                principal=EVERYONE,
                conditions=(Condition(operator="Bool", key="aws:SecureTransport", values=("false",)),),
            ),
            *(self._no_tenants(sid, tag) for sid, tag in TENANTS.items()),
        ]

    def _no_tenants(self, sid: str, tag: str) -> Statement:
        """Deny principals of tenants what they could be granted by mistake: logs say what others' clients do."""
        return Statement(
            sid=sid,
            effect="Deny",
            actions=("s3:DeleteObject*", "s3:GetObject*", "s3:PutObject*"),
            resources=(f"{self._arn}/*",),
            principal=EVERYONE,
            conditions=(principal_has_tag(tag),),
        )

    def _load_balancers_write(self) -> Statement:
        """Let load balancers of this account and region write, in the form that the page at `LOG_DELIVERY` has.

        The page's earlier forms had no condition. Code of others that cites it has this one too, as of 2026-10-03.

        Were the condition not met, nothing would be lost silently: a load balancer writes a test file when its logs
        are turned on, and the deployment fails where it may not.
        """
        account = self._props.account
        balancers = account.arn("elasticloadbalancing", "loadbalancer/*")
        return Statement(
            sid="WriteAccessLogs",
            actions=("s3:PutObject",),
            resources=(f"{self._arn}/AWSLogs/{account.id}/*",),
            principal=Principal(kind="Service", identifiers=(LOG_DELIVERY,)),
            conditions=(Condition(operator="ArnLike", key="aws:SourceArn", values=(balancers,)),),
        )

    def _buckets_write(self) -> Statement:
        """Let S3 write logs of this account's buckets, with both conditions of the page at `S3_LOG_DELIVERY`.

        AWS WAF's log has no statement here: it goes to a log group (`constructs/platform/web_acl.py`).
        """
        account = self._props.account
        buckets = f"arn:{account.partition}:s3:::{self._props.buckets}"
        return Statement(
            sid="WriteBucketAccessLogs",
            actions=("s3:PutObject",),
            resources=(f"{self._arn}/{BUCKETS_PREFIX}*",),
            principal=Principal(kind="Service", identifiers=(S3_LOG_DELIVERY,)),
            conditions=from_source(account.id, buckets),
        )
