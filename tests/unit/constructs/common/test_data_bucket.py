"""The bucket of one tenant's objects."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from constructs.common.data_bucket import DataBucket, DataBucketProps
from constructs.common.log_bucket import LogBucket, LogBucketProps
from tenancy.owner import AnyOwner
from tenancy.protection import Protection, Retention
from tests.construct import DISPOSABLE, FARGATE, PROTECTED, SILO, Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

BUCKET, OBJECTS = "arn:aws:s3:::a-bucket", ["arn:aws:s3:::a-bucket/*"]
KEY = f"arn:aws:kms:eu-west-1:{ACCOUNT}:key/alone"
EVERYONE = {"AWS": "*"}
OWNERS: dict[str, AnyOwner] = {"silo": SILO, "fargate": FARGATE}


@cache
def bucket(
    whose: str = "silo",
    protection: Protection = DISPOSABLE,
    expiration_days: int | None = None,
    logged: bool = False,
) -> StackDocument:
    owner = OWNERS[whose]

    def build(around: Surroundings) -> None:
        of_logs = LogBucketProps(
            name="some-logs",
            account=around.account,
            retention_days=400,
            protection=protection,
            load_balancers=False,
            buckets="a-bucket",
        )
        props = DataBucketProps(
            name="a-bucket",
            owner=owner,
            key=around.key,
            protection=protection,
            retention=Retention(logs=14, objects=expiration_days, noncurrent_versions=90, secret_recovery=7),
            logs=LogBucket(around.stack, "logs", of_logs) if logged else None,
            tags=owner.tags,
        )
        created = DataBucket(around.stack, "data_bucket", props)
        around.grant(created.grant_read_write, created.grant_passage)

    return alone(build)


def denial(sid: str, **options: Any) -> dict[str, Any]:
    return bucket(**options).statements("aws_s3_bucket_policy")[sid]


def part(kind: str) -> dict[str, Any]:
    """One of the bucket's configurations, without the bucket that it belongs to."""
    body = bucket().one(kind)
    assert body.pop("bucket") == bucket().reference("aws_s3_bucket", attribute="id")
    return body


def test_every_object_is_encrypted_with_the_tenants_key() -> None:
    default = {"sse_algorithm": "aws:kms", "kms_master_key_id": bucket().reference("aws_kms_key")}
    assert part("aws_s3_bucket_server_side_encryption_configuration") == {
        "rule": [{"bucket_key_enabled": True, "apply_server_side_encryption_by_default": default}]
    }


def test_nothing_is_public_and_the_owner_owns() -> None:
    assert part("aws_s3_bucket_public_access_block") == {
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
        "depends_on": [bucket().address("aws_s3_bucket_ownership_controls")],
    }
    assert part("aws_s3_bucket_ownership_controls") == {"rule": {"object_ownership": "BucketOwnerEnforced"}}


def test_replaced_and_deleted_objects_are_kept_as_versions() -> None:
    assert part("aws_s3_bucket_versioning") == {"versioning_configuration": {"status": "Enabled"}}


def test_access_settings_change_one_after_another() -> None:
    """S3 refuses two changes of a bucket's access settings at once (OperationAborted)."""
    policy = part("aws_s3_bucket_policy")
    assert policy["depends_on"] == [bucket().address("aws_s3_bucket_public_access_block")]


def test_the_policy_only_denies() -> None:
    statements = bucket().statements("aws_s3_bucket_policy")
    assert set(statements) == {
        "DenyPlainHttp",
        "DenyOtherPrincipals",
        "DenyOtherEncryption",
        "DenyOtherKeys",
        "DenyCustomerProvidedKeys",
    }
    for statement in statements.values():
        assert (statement["Effect"], statement["Principal"]) == ("Deny", EVERYONE)


def test_plain_http_is_refused_for_bucket_and_objects() -> None:
    tls = denial("DenyPlainHttp")
    assert tls["Action"] == ["s3:*"]
    assert tls["Resource"] == [BUCKET, *OBJECTS]
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": ["false"]}}


@pytest.mark.parametrize(
    ("protection", "actions"),
    [
        (DISPOSABLE, ["s3:GetObject*", "s3:PutObject*"]),
        (PROTECTED, ["s3:DeleteObject*", "s3:GetObject*", "s3:PutObject*"]),
    ],
    ids=["disposable", "protected"],
)
@pytest.mark.parametrize("whose", OWNERS)
def test_objects_are_for_this_tenants_principals_alone(
    whose: str, protection: Protection, actions: list[str]
) -> None:
    """Where data is disposable the deployer may delete, or `force_destroy` could not empty the bucket."""
    own = denial("DenyOtherPrincipals", whose=whose, protection=protection)
    assert own["Action"] == actions
    assert own["Resource"] == OBJECTS
    assert own["Condition"] == {"StringNotEquals": {f"aws:PrincipalTag/{OWNERS[whose].tag}": ["acme-corp"]}}


def test_the_policy_leaves_the_buckets_configuration_to_the_deployer() -> None:
    for sid, statement in bucket().statements("aws_s3_bucket_policy").items():
        if sid != "DenyPlainHttp":
            assert statement["Resource"] == OBJECTS


@pytest.mark.parametrize(
    ("sid", "condition"),
    [
        (
            "DenyOtherEncryption",
            {
                "Null": {"s3:x-amz-server-side-encryption": ["false"]},
                "StringNotEquals": {"s3:x-amz-server-side-encryption": ["aws:kms"]},
            },
        ),
        (
            "DenyOtherKeys",
            {
                "Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": ["false"]},
                "ArnNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": [KEY]},
            },
        ),
        (
            "DenyCustomerProvidedKeys",
            {"Null": {"s3:x-amz-server-side-encryption-customer-algorithm": ["false"]}},
        ),
    ],
)
def test_an_upload_names_no_other_key_and_may_name_none(sid: str, condition: dict[str, Any]) -> None:
    upload = denial(sid)
    assert upload["Action"] == ["s3:PutObject"]
    assert upload["Condition"] == condition


def test_objects_move_to_intelligent_tiering_at_once_and_are_archived_later() -> None:
    (rule,) = (rule for rule in rules(bucket()) if rule["id"] == "intelligent-tiering")
    assert rule["transition"] == [{"days": 0, "storage_class": "INTELLIGENT_TIERING"}]
    assert part("aws_s3_bucket_intelligent_tiering_configuration") == {
        "name": "EntireBucket",
        "tiering": [
            {"access_tier": "ARCHIVE_ACCESS", "days": 90},
            {"access_tier": "DEEP_ARCHIVE_ACCESS", "days": 180},
        ],
    }


def rules(stack: StackDocument) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = stack.one("aws_s3_bucket_lifecycle_configuration")["rule"]
    return found


ALWAYS: dict[str, dict[str, Any]] = {
    "intelligent-tiering": {"transition": [{"days": 0, "storage_class": "INTELLIGENT_TIERING"}]},
    "noncurrent-versions": {"noncurrent_version_expiration": [{"noncurrent_days": 90}]},
    "unfinished-uploads": {"abort_incomplete_multipart_upload": [{"days_after_initiation": 7}]},
}


@pytest.mark.parametrize(
    ("days", "expiration"),
    [(None, {}), (7, {"expiration": {"expiration": [{"days": 7}]}})],
    ids=["never", "after-days"],
)
def test_old_versions_and_unfinished_uploads_go_and_objects_where_it_is_said(
    days: int | None, expiration: dict[str, dict[str, Any]]
) -> None:
    """Each rule has an explicit empty filter (hole 7): without one the provider warns."""
    assert rules(bucket(expiration_days=days)) == [
        {"id": id_, "status": "Enabled", "filter": [{"prefix": ""}], **rule}
        for id_, rule in (ALWAYS | expiration).items()
    ]


def test_rules_for_old_versions_wait_for_versions() -> None:
    assert part("aws_s3_bucket_lifecycle_configuration")["depends_on"] == [
        bucket().address("aws_s3_bucket_versioning")
    ]


def test_only_a_disposable_bucket_is_destroyed_with_what_it_holds() -> None:
    assert bucket().one("aws_s3_bucket") == {"bucket": "a-bucket", "force_destroy": True}
    assert bucket(protection=PROTECTED).one("aws_s3_bucket") == {
        "bucket": "a-bucket",
        "force_destroy": False,
        "lifecycle": {"prevent_destroy": True},
    }


def test_it_says_whose_it_is_where_the_provider_does_not() -> None:
    assert bucket("fargate").one("aws_s3_bucket")["tags"] == FARGATE.tags


@pytest.mark.parametrize("whose", OWNERS)
def test_the_owners_principals_list_read_write_and_delete(whose: str) -> None:
    granted = bucket(whose).granted()
    own = {"StringEquals": {f"aws:PrincipalTag/{OWNERS[whose].tag}": ["acme-corp"]}}
    assert granted["UseOwnObjects"] == {
        "Sid": "UseOwnObjects",
        "Effect": "Allow",
        "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject", "s3:RestoreObject"],
        "Resource": OBJECTS,
        "Condition": own,
    }
    assert granted["ListOwnBucket"] == {
        "Sid": "ListOwnBucket",
        "Effect": "Allow",
        "Action": ["s3:ListBucket"],
        "Resource": [BUCKET],
        "Condition": own,
    }


def test_a_gateway_lets_through_what_they_do_and_nothing_else() -> None:
    granted = bucket().granted()
    assert set(granted) == {"UseOwnObjects", "ListOwnBucket", "PassToOwnObjects", "PassToOwnBucket"}
    for passage, use in (("PassToOwnObjects", "UseOwnObjects"), ("PassToOwnBucket", "ListOwnBucket")):
        assert granted[passage] == {
            "Sid": passage,
            "Effect": "Allow",
            "Principal": EVERYONE,
            "Action": granted[use]["Action"],
            "Resource": granted[use]["Resource"],
        }


def test_its_access_log_is_written_to_another_bucket_where_one_is_kept() -> None:
    stack = bucket(logged=True)
    assert stack.one("aws_s3_bucket_logging") == {
        "bucket": stack.reference("aws_s3_bucket", "data_bucket", "id"),
        "target_bucket": stack.reference("aws_s3_bucket", "logs", "id"),
        "target_prefix": "buckets/a-bucket/",
        "depends_on": [stack.address("aws_s3_bucket_policy", "logs")],
    }
    assert not bucket().all("aws_s3_bucket_logging")
