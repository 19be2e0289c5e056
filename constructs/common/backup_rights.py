"""What AWS Backup's role may do: the actions of AWS's managed policies, each on the one resource that is backed up.

The sources, both read 2026-11-27, are
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForBackup.html and
https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AWSBackupServiceRolePolicyForS3Backup.html. Nothing
restores: whoever restores passes a role of their own (docs/restore.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from constructs import Construct
from constructs.common.account import Account
from constructs.common.key_policy import KeyPolicy, KeyUse, roles_may
from constructs.common.service_role import ServiceRoleProps
from constructs.common.workload_role import WorkloadRole
from policies.conditions import through_services
from policies.grantee import Grantee
from policies.statements import Condition, Statement

SERVICE: Final = "backup.amazonaws.com"
MANAGED_RULES: Final = "rule/AwsBackupManagedRule*"
"""The rules by which AWS Backup hears of changes in buckets; it names them."""
SNAPSHOTS: Final = "cluster-snapshot:awsbackup:*"
"""The snapshots that AWS Backup makes of clusters; it names them."""


def create_backup_role(
    scope: Construct, id: str, *, name: str, account: Account, tags: Mapping[str, str] | None = None
) -> WorkloadRole:
    """Create a role that AWS Backup assumes for this account. It has no rights of its own yet.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/cross-service-confused-deputy-prevention.html
    """
    own = Condition(operator="StringEquals", key="aws:SourceAccount", values=(account.id,))
    props = ServiceRoleProps(name=name, service=SERVICE, trust=(own,), tags=tags or {})
    return WorkloadRole(scope, id, props)


def backup_uses(account: Account, *services: str) -> tuple[KeyUse, ...]:
    """Return how AWS Backup's role uses the key of what is backed up through `services` (`s3`), and of the vault."""
    for_services = Condition(operator="Bool", key="kms:GrantIsForAWSResource", values=("true",))
    return (
        KeyUse(
            sid="ReadForBackups",
            actions=("kms:Decrypt", "kms:GenerateDataKey"),
            conditions=(through_services(account.region, "backup", *services),),
        ),
        KeyUse(sid="DescribeKeyForBackups", actions=("kms:DescribeKey",), conditions=()),
        KeyUse(sid="CreateGrantsForBackups", actions=("kms:CreateGrant",), conditions=(for_services,)),
    )


def backup_statements(policy: KeyPolicy, role: WorkloadRole, *services: str) -> list[Statement]:
    """Return who uses a key for backups: the deployer to create the vault, and `role` as `backup_uses` says."""
    uses = backup_uses(policy.account, *services)
    return [policy.deployer_encrypts_vault(), *(roles_may(use, role) for use in uses)]


def grant_backup_bucket(grantee: Grantee, bucket: str, account: Account) -> None:
    """Let `grantee` back up the bucket with the ARN `bucket`, which must have versions.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/s3-backups.html
    """
    grantee.add_to_policy(
        Statement(
            sid="BackUpBucket",
            actions=(
                "s3:GetBucketAcl",
                "s3:GetBucketLocation",
                "s3:GetBucketNotification",
                "s3:GetBucketTagging",
                "s3:GetBucketVersioning",
                "s3:GetInventoryConfiguration",
                "s3:ListBucket",
                "s3:ListBucketVersions",
                "s3:PutBucketNotification",
                "s3:PutInventoryConfiguration",
            ),
            resources=(bucket,),
        ),
        Statement(
            sid="BackUpObjects",
            actions=(
                "s3:GetObject",
                "s3:GetObjectAcl",
                "s3:GetObjectTagging",
                "s3:GetObjectVersion",
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionTagging",
            ),
            resources=(f"{bucket}/*",),
        ),
        Statement(
            sid="ManageEventRulesOfBackups",
            actions=(
                "events:DeleteRule",
                "events:DescribeRule",
                "events:DisableRule",
                "events:EnableRule",
                "events:ListTargetsByRule",
                "events:PutRule",
                "events:PutTargets",
                "events:RemoveTargets",
            ),
            resources=(account.arn("events", MANAGED_RULES),),
        ),
        # None of them takes a resource
        # (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html).
        Statement(
            sid="ReadBucketMetrics",
            actions=("cloudwatch:GetMetricData", "events:ListRules", "s3:ListAllMyBuckets"),
            resources=("*",),
        ),
    )


def grant_backup_table(grantee: Grantee, table: str) -> None:
    """Let `grantee` back up the table with the ARN `table`, with AWS Backup's advanced features for DynamoDB.

    https://docs.aws.amazon.com/aws-backup/latest/devguide/advanced-ddb-backup.html
    """
    grantee.add_to_policy(
        Statement(
            sid="BackUpTable",
            actions=("dynamodb:DescribeTable", "dynamodb:ListTagsOfResource", "dynamodb:StartAwsBackupJob"),
            resources=(table,),
        )
    )


def grant_backup_cluster(grantee: Grantee, cluster: str, account: Account) -> None:
    """Let `grantee` make snapshots of the Aurora cluster with the ARN `cluster`, copy them, and delete them."""
    snapshots = account.arn("rds", SNAPSHOTS)
    grantee.add_to_policy(
        Statement(
            sid="BackUpCluster",
            actions=(
                "rds:AddTagsToResource",
                "rds:CopyDBClusterSnapshot",
                "rds:CreateDBClusterSnapshot",
                "rds:ListTagsForResource",
            ),
            resources=(cluster, snapshots),
        ),
        Statement(sid="DeleteOldSnapshots", actions=("rds:DeleteDBClusterSnapshot",), resources=(snapshots,)),
        # Lists: AWS asks them on all clusters.
        Statement(
            sid="DescribeSnapshots",
            actions=("rds:DescribeDBClusterSnapshots", "rds:DescribeDBClusters"),
            resources=("*",),
        ),
    )


def grant_fill(grantee: Grantee, vault: str, *, copies: str | None) -> None:
    """Let `grantee` describe the vault with the ARN `vault`, and copy what is in it to the vault `copies` alone.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html
    """
    vaults = (vault, copies) if copies else (vault,)
    grantee.add_to_policy(
        Statement(sid="DescribeVaults", actions=("backup:DescribeBackupVault",), resources=vaults)
    )
    if copies:
        there = Condition(operator="ArnEquals", key="backup:CopyTargets", values=(copies,))
        grantee.add_to_policy(
            Statement(
                sid="CopyFromVault",
                actions=("backup:CopyFromBackupVault",),
                resources=("*",),
                conditions=(there,),
            ),
            Statement(sid="CopyIntoVault", actions=("backup:CopyIntoBackupVault",), resources=(copies,)),
        )


def grant_mark(grantee: Grantee, account: Account) -> None:
    """Let `grantee` give backups the tags of what they are of; AWS makes up the ids of backups."""
    grantee.add_to_policy(
        Statement(
            sid="TagBackups",
            actions=("backup:TagResource",),
            resources=(account.arn("backup", "recovery-point:*"),),
        )
    )
