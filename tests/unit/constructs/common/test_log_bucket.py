"""The bucket of access logs: written by AWS for load balancers and buckets of this account, and by nobody else."""

from __future__ import annotations

from functools import cache

from constructs.common.log_bucket import LogBucket, LogBucketProps
from tenancy.protection import Protection
from tests.construct import DISPOSABLE, PROTECTED, Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

BUCKET = "arn:aws:s3:::some-logs"


@cache
def logs(
    protection: Protection = PROTECTED, load_balancers: bool = True, buckets: str = "some-*-data"
) -> StackDocument:
    def build(around: Surroundings) -> None:
        props = LogBucketProps(
            name="some-logs",
            account=around.account,
            retention_days=400,
            protection=protection,
            load_balancers=load_balancers,
            buckets=buckets,
        )
        LogBucket(around.stack, "logs", props)

    return alone(build)


def test_load_balancers_and_buckets_of_this_account_write_to_it_over_tls_and_nobody_else_does() -> None:
    statements = logs().statements("aws_s3_bucket_policy")
    assert statements == {
        "WriteAccessLogs": {
            "Sid": "WriteAccessLogs",
            "Effect": "Allow",
            "Condition": {
                "ArnLike": {
                    "aws:SourceArn": [f"arn:aws:elasticloadbalancing:eu-west-1:{ACCOUNT}:loadbalancer/*"]
                }
            },
            "Principal": {"Service": ["logdelivery.elasticloadbalancing.amazonaws.com"]},
            "Action": ["s3:PutObject"],
            "Resource": [f"{BUCKET}/AWSLogs/{ACCOUNT}/*"],
        },
        "WriteBucketAccessLogs": {
            "Sid": "WriteBucketAccessLogs",
            "Effect": "Allow",
            "Condition": {
                "ArnLike": {"aws:SourceArn": ["arn:aws:s3:::some-*-data"]},
                "StringEquals": {"aws:SourceAccount": [ACCOUNT]},
            },
            "Principal": {"Service": ["logging.s3.amazonaws.com"]},
            "Action": ["s3:PutObject"],
            "Resource": [f"{BUCKET}/buckets/*"],
        },
        "DenyPlainHttp": {
            "Sid": "DenyPlainHttp",
            "Effect": "Deny",
            "Principal": {"AWS": "*"},
            "Action": ["s3:*"],
            "Resource": [BUCKET, f"{BUCKET}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": ["false"]}},
        },
        **{
            sid: {
                "Sid": sid,
                "Effect": "Deny",
                "Principal": {"AWS": "*"},
                "Action": ["s3:DeleteObject*", "s3:GetObject*", "s3:PutObject*"],
                "Resource": [f"{BUCKET}/*"],
                "Condition": {"Null": {f"aws:PrincipalTag/{tag}": ["false"]}},
            }
            for sid, tag in (("DenySiloTenants", "TenantId"), ("DenyFargateTenants", "tenant_id"))
        },
    }


def test_without_load_balancers_one_bucket_alone_may_write() -> None:
    statements = logs(load_balancers=False, buckets="one-bucket").statements("aws_s3_bucket_policy")
    assert set(statements) == {
        "WriteBucketAccessLogs",
        "DenyPlainHttp",
        "DenySiloTenants",
        "DenyFargateTenants",
    }
    assert statements["WriteBucketAccessLogs"]["Condition"] == {
        "ArnEquals": {"aws:SourceArn": ["arn:aws:s3:::one-bucket"]},
        "StringEquals": {"aws:SourceAccount": [ACCOUNT]},
    }


def test_it_is_private_and_encrypted_with_what_log_delivery_takes() -> None:
    stack = logs()
    block = stack.one("aws_s3_bucket_public_access_block")
    assert {block[name] for name in block if name.startswith(("block", "ignore", "restrict"))} == {True}
    assert block["restrict_public_buckets"] is True
    assert stack.one("aws_s3_bucket_ownership_controls")["rule"] == {
        "object_ownership": "BucketOwnerEnforced"
    }
    assert stack.one("aws_s3_bucket_server_side_encryption_configuration")["rule"] == [
        {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    ]


def test_logs_expire_and_what_replaces_them_is_noticed() -> None:
    stack = logs()
    (rule,) = stack.one("aws_s3_bucket_lifecycle_configuration")["rule"]
    assert rule == {
        "id": "expire",
        "status": "Enabled",
        "filter": [{"prefix": ""}],
        "expiration": [{"days": 400}],
        "noncurrent_version_expiration": [{"noncurrent_days": 30}],
        "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}],
    }
    assert stack.one("aws_s3_bucket_versioning")["versioning_configuration"] == {"status": "Enabled"}
    assert stack.one("aws_s3_bucket_lifecycle_configuration")["depends_on"] == [
        stack.address("aws_s3_bucket_versioning")
    ]


def test_logs_outlive_their_stack_where_they_are_protected() -> None:
    kept, thrown_away = (logs(protection).one("aws_s3_bucket") for protection in (PROTECTED, DISPOSABLE))
    assert (kept["force_destroy"], kept["lifecycle"]) == (False, {"prevent_destroy": True})
    assert thrown_away["force_destroy"] is True
    assert "lifecycle" not in thrown_away
