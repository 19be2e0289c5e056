"""The tenant's table."""

from __future__ import annotations

from functools import cache

from constructs.silo.metadata_table import MetadataTable, MetadataTableProps
from tenancy.protection import Protection
from tests.construct import DISPOSABLE, PROTECTED, SILO, Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

ACCESS = {
    "Effect": "Allow",
    "Action": ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"],
    "Resource": [f"arn:aws:dynamodb:eu-west-1:{ACCOUNT}:table/a-table"],
}


@cache
def table(protection: Protection = DISPOSABLE) -> StackDocument:
    def build(around: Surroundings) -> None:
        props = MetadataTableProps(name="a-table", owner=SILO, key=around.key, protection=protection)
        created = MetadataTable(around.stack, "metadata_table", props)
        around.grant(created.grant_read_write, created.grant_passage)

    return alone(build)


def test_the_table_is_keyed_by_tenant_encrypted_with_its_key_and_restorable() -> None:
    assert table().one("aws_dynamodb_table") == {
        "name": "a-table",
        "billing_mode": "PAY_PER_REQUEST",
        "hash_key": "tenant_id",
        "range_key": "resource_type",
        "attribute": [{"name": "tenant_id", "type": "S"}, {"name": "resource_type", "type": "S"}],
        "ttl": {"attribute_name": "expires_at", "enabled": True},
        "server_side_encryption": {"enabled": True, "kms_key_arn": table().reference("aws_kms_key")},
        "point_in_time_recovery": {"enabled": True},
        "deletion_protection_enabled": False,
    }


def test_it_is_watched_for_hot_keys() -> None:
    name = table().reference("aws_dynamodb_table", attribute="name")
    assert table().one("aws_dynamodb_contributor_insights") == {"table_name": name}


def test_a_protected_table_is_protected_twice() -> None:
    protected = table(PROTECTED).one("aws_dynamodb_table")
    assert protected["deletion_protection_enabled"] is True
    assert protected["lifecycle"] == {"prevent_destroy": True}


def test_its_owners_principals_read_and_write_without_scanning_or_deleting() -> None:
    own = {"StringEquals": {"aws:PrincipalTag/TenantId": ["acme-corp"]}}
    assert table().granted()["UseOwnTable"] == {"Sid": "UseOwnTable", **ACCESS, "Condition": own}


def test_a_gateway_lets_through_what_they_do_and_nothing_else() -> None:
    assert set(table().granted()) == {"UseOwnTable", "PassToOwnTable"}
    everyone = {"Principal": {"AWS": "*"}}
    assert table().granted()["PassToOwnTable"] == {"Sid": "PassToOwnTable", **ACCESS, **everyone}
