"""The tenant's table."""

from __future__ import annotations

from tests.synthesis import PRODUCTION, silo


def test_the_table_is_keyed_by_tenant_and_resource_type() -> None:
    table = silo().one("aws_dynamodb_table")
    assert table["name"] == "tenant-acme-corp-metadata-test"
    assert table["billing_mode"] == "PAY_PER_REQUEST"
    assert (table["hash_key"], table["range_key"]) == ("tenant_id", "resource_type")
    assert table["attribute"] == [
        {"name": "tenant_id", "type": "S"},
        {"name": "resource_type", "type": "S"},
    ]
    assert table["ttl"] == {"attribute_name": "expires_at", "enabled": True}


def test_the_table_is_encrypted_with_the_tenants_key_and_restorable() -> None:
    stack = silo()
    table = stack.one("aws_dynamodb_table")
    assert table["server_side_encryption"] == {
        "enabled": True,
        "kms_key_arn": f"${{{stack.address('aws_kms_key')}.arn}}",
    }
    assert table["point_in_time_recovery"] == {"enabled": True}
    insights = stack.one("aws_dynamodb_contributor_insights")
    assert insights["table_name"] == f"${{{stack.address('aws_dynamodb_table')}.name}}"


def test_production_protects_the_table_twice() -> None:
    development, production = silo().one("aws_dynamodb_table"), silo(**PRODUCTION).one("aws_dynamodb_table")
    assert development["deletion_protection_enabled"] is False
    assert "lifecycle" not in development
    assert production["deletion_protection_enabled"] is True
    assert production["lifecycle"] == {"prevent_destroy": True}
