"""The tenant's bucket."""

from __future__ import annotations

from typing import Any

import pytest

from tests.synthesis import ACCOUNT, PRODUCTION, SynthesizedStack, silo

OBJECTS = ["arn:aws:s3:::tenant-acme-corp-data-test/*"]
KEY = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/tenant-acme-corp-test"


def bucket_policy(stack: SynthesizedStack) -> dict[str, dict[str, Any]]:
    return stack.statements("aws_s3_bucket_policy")


def rules(stack: SynthesizedStack) -> dict[str, dict[str, Any]]:
    return {rule["id"]: rule for rule in stack.one("aws_s3_bucket_lifecycle_configuration")["rule"]}


def test_every_object_is_encrypted_with_the_tenants_key() -> None:
    stack = silo()
    (rule,) = stack.one("aws_s3_bucket_server_side_encryption_configuration")["rule"]
    assert rule["bucket_key_enabled"] is True
    assert rule["apply_server_side_encryption_by_default"] == {
        "sse_algorithm": "aws:kms",
        "kms_master_key_id": f"${{{stack.address('aws_kms_key')}.arn}}",
    }


def test_nothing_is_public_and_the_owner_owns() -> None:
    stack = silo()
    block = stack.one("aws_s3_bucket_public_access_block")
    assert [
        block[setting]
        for setting in (
            "block_public_acls",
            "block_public_policy",
            "ignore_public_acls",
            "restrict_public_buckets",
        )
    ] == [True] * 4
    ownership = stack.one("aws_s3_bucket_ownership_controls")["rule"]
    assert ownership == {"object_ownership": "BucketOwnerEnforced"}
    assert stack.one("aws_s3_bucket_versioning")["versioning_configuration"] == {"status": "Enabled"}


def test_the_policy_only_denies() -> None:
    assert {statement["Effect"] for statement in bucket_policy(silo()).values()} == {"Deny"}


def test_plain_http_is_refused_for_bucket_and_objects() -> None:
    tls = bucket_policy(silo())["DenyPlainHttp"]
    assert tls["Action"] == ["s3:*"]
    assert tls["Resource"] == ["arn:aws:s3:::tenant-acme-corp-data-test", *OBJECTS]
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": ["false"]}}


@pytest.mark.parametrize(
    ("variables", "actions"),
    [
        ({}, ["s3:GetObject*", "s3:PutObject*"]),
        (PRODUCTION, ["s3:DeleteObject*", "s3:GetObject*", "s3:PutObject*"]),
    ],
    ids=["development", "production"],
)
def test_objects_are_for_this_tenants_principals_alone(variables: dict[str, str], actions: list[str]) -> None:
    """In development the deployer may delete, or `force_destroy` could not empty the bucket."""
    own = bucket_policy(silo(**variables))["DenyOtherPrincipals"]
    assert own["Principal"] == {"AWS": "*"}
    assert own["Action"] == actions
    assert own["Resource"] == OBJECTS
    assert own["Condition"] == {"StringNotEquals": {"aws:PrincipalTag/TenantId": ["acme-corp"]}}


def test_the_policy_leaves_the_buckets_configuration_to_the_deployer() -> None:
    for sid, statement in bucket_policy(silo()).items():
        if sid != "DenyPlainHttp":
            assert statement["Resource"] == OBJECTS


def test_an_upload_names_no_other_key_and_may_name_none() -> None:
    statements = bucket_policy(silo())
    assert statements["DenyOtherKeys"]["Condition"] == {
        "Null": {"s3:x-amz-server-side-encryption-aws-kms-key-id": ["false"]},
        "ArnNotEquals": {"s3:x-amz-server-side-encryption-aws-kms-key-id": [KEY]},
    }
    assert statements["DenyOtherEncryption"]["Condition"] == {
        "Null": {"s3:x-amz-server-side-encryption": ["false"]},
        "StringNotEquals": {"s3:x-amz-server-side-encryption": ["aws:kms"]},
    }
    assert statements["DenyCustomerProvidedKeys"]["Condition"] == {
        "Null": {"s3:x-amz-server-side-encryption-customer-algorithm": ["false"]}
    }


@pytest.mark.parametrize("variables", [{}, PRODUCTION], ids=["development", "production"])
def test_every_lifecycle_rule_has_an_explicit_empty_filter(variables: dict[str, str]) -> None:
    """Hole 7: without one the provider warns."""
    assert [rule["filter"] for rule in rules(silo(**variables)).values()] == [[{"prefix": ""}]] * len(
        rules(silo(**variables))
    )


def test_objects_move_to_intelligent_tiering_at_once_and_are_archived_later() -> None:
    stack = silo()
    assert rules(stack)["intelligent-tiering"]["transition"] == [
        {"days": 0, "storage_class": "INTELLIGENT_TIERING"}
    ]
    tiering = stack.one("aws_s3_bucket_intelligent_tiering_configuration")
    assert tiering["name"] == "EntireBucket"
    assert tiering["tiering"] == [
        {"access_tier": "ARCHIVE_ACCESS", "days": 90},
        {"access_tier": "DEEP_ARCHIVE_ACCESS", "days": 180},
    ]


def test_old_versions_and_unfinished_uploads_go() -> None:
    development, production = rules(silo()), rules(silo(**PRODUCTION))
    assert development["noncurrent-versions"]["noncurrent_version_expiration"] == [{"noncurrent_days": 30}]
    assert production["noncurrent-versions"]["noncurrent_version_expiration"] == [{"noncurrent_days": 90}]
    assert development["unfinished-uploads"]["abort_incomplete_multipart_upload"] == [
        {"days_after_initiation": 7}
    ]


def test_objects_expire_as_the_tenant_or_else_the_profile_says() -> None:
    assert rules(silo())["expiration"]["expiration"] == [{"days": 90}]
    assert "expiration" not in rules(silo(**PRODUCTION))
    assert rules(silo(object_expiration_days=7, **PRODUCTION))["expiration"]["expiration"] == [{"days": 7}]
    assert "expiration" not in rules(silo(object_expiration_days="never"))


def test_only_an_unprotected_bucket_is_destroyed_with_what_it_holds() -> None:
    development, production = silo().one("aws_s3_bucket"), silo(**PRODUCTION).one("aws_s3_bucket")
    assert development["force_destroy"] is True
    assert production["force_destroy"] is False
    assert production["lifecycle"] == {"prevent_destroy": True}
    assert "lifecycle" not in development
