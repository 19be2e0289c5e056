"""Rights on backup vaults, on what fills them, and on the role that AWS Backup gets for it.

https://docs.aws.amazon.com/aws-backup/latest/devguide/access-control.html#backup-api-permissions-ref and
https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackup.html are the sources.
"""

from __future__ import annotations

from typing import Final

from deployer.place import Place
from deployer.rights import Right, Table, belonging_to, in_region, made_for, passed_to


def roles(place: Place) -> tuple[str, ...]:
    """Return the names, as patterns, of the roles that AWS Backup gets."""
    return (
        *place.silo(lambda n: n.backup_role),
        *place.fargate(lambda n: n.backup_role),
        place.platform.backup_role,
    )


def vaults(place: Place) -> tuple[str, ...]:
    """Return the ARN patterns of all vaults."""
    names = (
        *place.silo(lambda n: n.backup_vault),
        *place.fargate(lambda n: n.backup_vault),
        place.platform.backup_vault,
    )
    return place.arns("backup", "backup-vault:", *names)


def _vault(place: Place) -> tuple[Right, ...]:
    """The vault; where it is not protected, Terraform empties it. Each vault's own policy keeps the rest."""
    return (
        Right(
            actions=(
                "backup:CreateBackupVault",
                "backup:DeleteBackupVault",
                "backup:DescribeBackupVault",
                "backup:ListRecoveryPointsByBackupVault",
                "backup:ListTags",
                "backup:TagResource",
                "backup:UntagResource",
            ),
            resources=vaults(place),
        ),
        # AWS makes up a backup's ARN; its tags are those of what it is of.
        Right(
            actions=("backup:DeleteRecoveryPoint",),
            resources=place.arns("backup", "recovery-point:", "*"),
            conditions=(belonging_to(place),),
        ),
        # It takes no resource
        # (https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsbackupstorage.html).
        Right(actions=("backup-storage:MountCapsule",), conditions=(in_region(place),)),
    )


def _vault_policy(place: Place) -> tuple[Right, ...]:
    actions = (
        "backup:DeleteBackupVaultAccessPolicy",
        "backup:GetBackupVaultAccessPolicy",
        "backup:PutBackupVaultAccessPolicy",
    )
    return (Right(actions=actions, resources=vaults(place)),)


def _plan(place: Place) -> tuple[Right, ...]:
    """The plan, whose id AWS makes up: by its tags."""
    plans = place.arns("backup", "backup-plan:", "*")
    return (
        Right(
            actions=("backup:CreateBackupPlan", "backup:TagResource"),
            resources=plans,
            conditions=(made_for(place),),
        ),
        Right(
            actions=(
                "backup:DeleteBackupPlan",
                "backup:GetBackupPlan",
                "backup:ListTags",
                "backup:TagResource",
                "backup:UntagResource",
                "backup:UpdateBackupPlan",
            ),
            resources=plans,
            conditions=(belonging_to(place),),
        ),
    )


def _selection(place: Place) -> tuple[Right, ...]:
    return (
        Right(
            actions=(
                "backup:CreateBackupSelection",
                "backup:DeleteBackupSelection",
                "backup:GetBackupSelection",
            ),
            resources=place.arns("backup", "backup-plan:", "*"),
            conditions=(belonging_to(place),),
        ),
        Right(
            actions=("iam:PassRole",),
            resources=place.roles(*roles(place)),
            conditions=(passed_to("backup.amazonaws.com"),),
        ),
    )


ROWS: Final[Table] = {
    "aws_backup_plan": _plan,
    "aws_backup_selection": _selection,
    "aws_backup_vault": _vault,
    "aws_backup_vault_policy": _vault_policy,
}
"""By Terraform type."""
