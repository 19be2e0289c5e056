"""The secret with a tenant's login: made by Terraform, filled by the provisioner, read by the tenant."""

from __future__ import annotations

from tests.synthesis import ACCOUNT, PRODUCTION, THREE, platform

PROVISIONER = [f"arn:aws:iam::{ACCOUNT}:role/shared-platform-db-provisioner-role-test"]


def test_each_tenant_has_one_under_its_own_name() -> None:
    secrets = platform().all("aws_secretsmanager_secret")
    assert {secret["name"] for secret in secrets.values()} == {
        f"rds/tenant/{tenant}/test/password" for tenant in THREE
    }
    for secret in secrets.values():
        assert set(secret["tags"]) == {"tenant_id", "cost_center"}


def test_its_name_is_free_again_in_development_and_it_can_be_saved_in_production() -> None:
    assert platform().one("aws_secretsmanager_secret", "tenants_acme")["recovery_window_in_days"] == 0
    production = platform(variables=PRODUCTION).one("aws_secretsmanager_secret", "tenants_acme")
    assert production["recovery_window_in_days"] == 30


def test_terraform_neither_fills_nor_rotates_it() -> None:
    assert not {"aws_secretsmanager_secret_version", "aws_secretsmanager_secret_rotation"} & set(
        platform().document["resource"]
    )


def test_another_tenants_principals_cannot_read_it_whatever_their_policies_say() -> None:
    policy = platform().one("aws_secretsmanager_secret_policy", "tenants_acme-corp")
    assert policy["block_public_policy"] is True
    statements = platform().statements("aws_secretsmanager_secret_policy", "tenants_acme-corp")
    read = statements["DenyReadsByOtherPrincipals"]
    assert (read["Effect"], read["Principal"]) == ("Deny", {"AWS": "*"})
    assert read["Action"] == ["secretsmanager:GetSecretValue"]
    assert read["Condition"] == {
        "StringNotEquals": {"aws:PrincipalTag/tenant_id": ["acme-corp"]},
        "ArnNotEquals": {"aws:PrincipalArn": PROVISIONER},
    }


def test_the_provisioner_alone_writes_it() -> None:
    write = platform().statements("aws_secretsmanager_secret_policy", "tenants_acme-corp")[
        "DenyWritesByOthers"
    ]
    assert write["Effect"] == "Deny"
    # A version that another writes, or that is moved to AWSCURRENT, would be what the tenant logs in with.
    assert write["Action"] == ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"]
    assert write["Condition"] == {"ArnNotEquals": {"aws:PrincipalArn": PROVISIONER}}


def test_the_policy_locks_nobody_out_of_deletion_or_of_itself() -> None:
    for statement in platform().statements("aws_secretsmanager_secret_policy", "tenants_acme-corp").values():
        assert set(statement["Action"]) <= {
            "secretsmanager:GetSecretValue",
            "secretsmanager:PutSecretValue",
            "secretsmanager:UpdateSecretVersionStage",
        }
