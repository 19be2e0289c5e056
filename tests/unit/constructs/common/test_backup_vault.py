"""A vault, its plan, and AWS Backup's role: one owner's resources, daily, and nobody deletes what it keeps."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from constructs.common.backup_rights import (
    backup_uses,
    create_backup_role,
    grant_backup_bucket,
    grant_backup_cluster,
    grant_backup_table,
)
from constructs.common.backup_vault import BackupVault, BackupVaultProps
from tenancy.protection import BackupCopies, Backups, Protection
from tests.construct import DISPOSABLE, PROTECTED, REGION, Surroundings, alone
from tests.synthesis import ACCOUNT, StackDocument

BUCKET, TABLE, CLUSTER = "arn:aws:s3:::some-data", "arn:of:a-table", "arn:of:a-cluster"
COPIES = BackupCopies(region="eu-central-1", vault="copies")
COPIES_ARN = f"arn:aws:backup:eu-central-1:{ACCOUNT}:backup-vault:copies"
VAULT = f"arn:aws:backup:{REGION}:{ACCOUNT}:backup-vault:some-backups"


@cache
def backups(protection: Protection = PROTECTED, copies: BackupCopies | None = None) -> StackDocument:
    def build(around: Surroundings) -> None:
        role = create_backup_role(around.stack, "role", name="some-role", account=around.account)
        grant_backup_bucket(role, BUCKET, around.account)
        grant_backup_table(role, TABLE)
        grant_backup_cluster(role, CLUSTER, around.account)
        for use in backup_uses(around.account, "s3"):
            around.key.grant_use(role, use)
        props = BackupVaultProps(
            name="some-backups",
            account=around.account,
            key=around.key,
            role=role,
            resources=(BUCKET, TABLE),
            backups=Backups(retention_days=35, copies=copies),
            protection=protection,
        )
        BackupVault(around.stack, "backups", props)

    return alone(build)


def rights(copies: BackupCopies | None = None) -> dict[str, dict[str, Any]]:
    return backups(copies=copies).statements("aws_iam_role_policy")


def test_what_is_named_is_backed_up_daily_and_kept_for_the_days_that_are_set() -> None:
    stack = backups()
    assert stack.one("aws_backup_selection")["resources"] == [BUCKET, TABLE]
    assert "selection_tag" not in stack.one("aws_backup_selection")
    assert stack.one("aws_backup_plan")["rule"] == [
        {
            "rule_name": "daily",
            "target_vault_name": stack.reference("aws_backup_vault", attribute="name"),
            "schedule": "cron(0 1 ? * * *)",
            "start_window": 60,
            "completion_window": 10080,
            "lifecycle": {"delete_after": 35},
        }
    ]


def test_the_vault_has_the_owners_key() -> None:
    stack = backups()
    assert stack.one("aws_backup_vault")["kms_key_arn"] == stack.reference("aws_kms_key")


def test_a_copy_goes_to_the_vault_in_the_other_region_and_nowhere_else() -> None:
    (rule,) = backups(copies=COPIES).one("aws_backup_plan")["rule"]
    (copy,) = rule["copy_action"]
    assert backups(copies=COPIES).resolved(copy["destination_vault_arn"]) == COPIES_ARN
    assert copy["lifecycle"] == {"delete_after": 35}
    given = rights(COPIES)
    assert given["CopyIntoVault"]["Resource"] == [COPIES_ARN]
    assert given["CopyFromVault"]["Condition"] == {"ArnEquals": {"backup:CopyTargets": [COPIES_ARN]}}
    assert not [sid for sid in rights() if sid.startswith("Copy")]


def test_where_data_is_protected_nobody_ends_a_backup_before_its_time() -> None:
    statements = backups().statements("aws_backup_vault_policy")
    assert statements["DenyDeletion"] == {
        "Sid": "DenyDeletion",
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Action": ["backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle"],
        "Resource": ["*"],
    }
    assert backups().one("aws_backup_vault")["lifecycle"] == {"prevent_destroy": True}
    disposable = backups(DISPOSABLE)
    assert "DenyDeletion" not in disposable.statements("aws_backup_vault_policy")
    assert disposable.one("aws_backup_vault")["force_destroy"] is True


def test_no_tenants_principal_deletes_restores_or_opens_a_vault_in_either_profile() -> None:
    for protection in (PROTECTED, DISPOSABLE):
        statements = backups(protection).statements("aws_backup_vault_policy")
        for sid, tag in (("DenySiloTenants", "TenantId"), ("DenyFargateTenants", "tenant_id")):
            assert statements[sid]["Condition"] == {"Null": {f"aws:PrincipalTag/{tag}": ["false"]}}
            assert statements[sid]["Action"] == [
                "backup:DeleteBackupVault",
                "backup:DeleteBackupVaultAccessPolicy",
                "backup:DeleteRecoveryPoint",
                "backup:PutBackupVaultAccessPolicy",
                "backup:StartRestoreJob",
                "backup:UpdateRecoveryPointLifecycle",
            ]


def test_a_vaults_policy_has_no_wildcard_among_its_actions() -> None:
    """AWS Backup takes none (https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html)."""
    for statement in backups().statements("aws_backup_vault_policy").values():
        assert not [action for action in statement["Action"] if "*" in action]


def test_the_role_is_for_aws_backup_in_this_account() -> None:
    (statement,) = json.loads(backups().resolved(backups().one("aws_iam_role")["assume_role_policy"]))[
        "Statement"
    ]
    assert statement["Principal"] == {"Service": ["backup.amazonaws.com"]}
    assert statement["Condition"] == {"StringEquals": {"aws:SourceAccount": [ACCOUNT]}}


def test_the_role_reads_what_is_backed_up_and_writes_and_restores_nothing() -> None:
    given = rights()
    assert given["BackUpBucket"]["Resource"] == [BUCKET]
    assert given["BackUpObjects"]["Resource"] == [f"{BUCKET}/*"]
    assert given["BackUpTable"]["Resource"] == [TABLE]
    snapshots = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster-snapshot:awsbackup:*"
    assert given["BackUpCluster"]["Resource"] == [snapshots, CLUSTER]
    assert given["DeleteOldSnapshots"]["Resource"] == [snapshots]
    assert given["ManageEventRulesOfBackups"]["Resource"] == [
        f"arn:aws:events:{REGION}:{ACCOUNT}:rule/AwsBackupManagedRule*"
    ]
    assert given["DescribeVaults"]["Resource"] == [VAULT]
    actions = {action for statement in given.values() for action in statement["Action"]}
    assert not {action for action in actions if "Restore" in action or "*" in action}
    assert not actions & {"s3:PutObject", "s3:DeleteObject", "dynamodb:PutItem", "rds:DeleteDBCluster"}
    on_everything = {sid for sid, statement in given.items() if statement["Resource"] == ["*"]}
    assert on_everything == {"DescribeSnapshots", "ReadBucketMetrics"}


def test_the_key_is_used_through_services_and_granted_to_them_alone() -> None:
    given = rights()
    through = [f"{service}.{REGION}.amazonaws.com" for service in ("backup", "s3")]
    assert given["ReadForBackups"]["Condition"] == {"StringEquals": {"kms:ViaService": through}}
    assert given["CreateGrantsForBackups"]["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": ["true"]}}
