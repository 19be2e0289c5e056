"""The secret with a tenant's login: made by Terraform, filled by the provisioner, read by the tenant."""

from __future__ import annotations

from functools import cache

from constructs.fargate.database_secret import DatabaseSecret, DatabaseSecretProps
from tests.construct import FARGATE, Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

NAME = "rds/tenant/acme-corp/test/password"
SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:{NAME}-AbCdEf"
NOT_THE_PROVISIONER = {
    "ArnNotEquals": {"aws:PrincipalArn": [f"arn:aws:iam::{ACCOUNT}:role/provisioner-role"]}
}
DENIED = {"Effect": "Deny", "Principal": {"AWS": "*"}, "Resource": ["*"]}


@cache
def secret() -> StackDocument:
    def build(around: Surroundings) -> None:
        props = DatabaseSecretProps(
            owner=FARGATE,
            key=around.key,
            provisioner=around.role("provisioner_role"),
            recovery_window_days=30,
        )
        created = DatabaseSecret(around.stack, "secret", props)
        around.grant(created.grant_read)
        around.output("reference", created.reference("password"))

    return alone(build)


def test_it_is_the_tenants_and_encrypted_with_its_key() -> None:
    assert secret().one("aws_secretsmanager_secret") == {
        "name": NAME,
        "description": "Login of the tenant to the shared database",
        "kms_key_id": secret().reference("aws_kms_key"),
        "recovery_window_in_days": 30,
        "tags": {"tenant_id": "acme-corp", "cost_center": "acme-corp"},
    }


def test_terraform_neither_fills_nor_rotates_it() -> None:
    kinds = {kind for kind in secret().document["resource"] if "secretsmanager" in kind}
    assert kinds == {"aws_secretsmanager_secret", "aws_secretsmanager_secret_policy"}


def test_another_tenants_principals_cannot_read_it_whatever_their_policies_say() -> None:
    policy = secret().one("aws_secretsmanager_secret_policy")
    assert policy["block_public_policy"] is True
    assert policy["secret_arn"] == secret().reference("aws_secretsmanager_secret")
    assert secret().statements("aws_secretsmanager_secret_policy")["DenyReadsByOtherPrincipals"] == {
        "Sid": "DenyReadsByOtherPrincipals",
        **DENIED,
        "Action": ["secretsmanager:GetSecretValue"],
        "Condition": {
            "StringNotEquals": {"aws:PrincipalTag/tenant_id": ["acme-corp"]},
            **NOT_THE_PROVISIONER,
        },
    }


def test_the_provisioner_alone_writes_it() -> None:
    """A version that another writes, or that is moved to AWSCURRENT, would be what the tenant logs in with."""
    assert secret().statements("aws_secretsmanager_secret_policy")["DenyWritesByOthers"] == {
        "Sid": "DenyWritesByOthers",
        **DENIED,
        "Action": ["secretsmanager:PutSecretValue", "secretsmanager:UpdateSecretVersionStage"],
        "Condition": NOT_THE_PROVISIONER,
    }


def test_the_policy_locks_nobody_out_of_deletion_or_of_itself() -> None:
    statements = secret().statements("aws_secretsmanager_secret_policy")
    assert set(statements) == {"DenyReadsByOtherPrincipals", "DenyWritesByOthers"}
    actions = {action for statement in statements.values() for action in statement["Action"]}
    assert not {a for a in actions if "Delete" in a or a.endswith("Policy") or "*" in a}


def test_its_tenants_agent_reads_it_by_exact_arn() -> None:
    assert secret().granted() == {
        "ReadOwnSecret": {
            "Sid": "ReadOwnSecret",
            "Effect": "Allow",
            "Action": ["secretsmanager:GetSecretValue"],
            "Resource": [SECRET],
            "Condition": {"StringEquals": {"aws:PrincipalTag/tenant_id": ["acme-corp"]}},
        }
    }


def test_a_container_names_one_field_of_it() -> None:
    assert secret().output("reference") == f"{SECRET}:password::"
