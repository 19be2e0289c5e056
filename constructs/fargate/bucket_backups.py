"""The backups of one Fargate tenant's bucket, under the tenant's own key (docs/decisions/0025)."""

from __future__ import annotations

from dataclasses import dataclass

from constructs import Construct
from constructs.common.alarms import AlarmProps
from constructs.common.backup_rights import backup_uses
from constructs.common.backup_vault import BackupVault, BackupVaultProps
from constructs.common.customer_key import CustomerKey
from constructs.common.data_bucket import DataBucket
from constructs.common.workload_role import WorkloadRole
from constructs.fargate.shared_platform import SharedPlatform
from tenancy.protection import Backups
from tenancy.specifications.fargate_tenant import FargateTenantPlan


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketBackupsProps:
    """Whose bucket, and how its backups are kept.

    Attributes:
        plan: of the tenant.
        platform: says who hears of backups that fail.
        backups: how they are kept.
        bucket: the tenant's.
        key: the tenant's.
        role: that AWS Backup makes them with.
    """

    plan: FargateTenantPlan
    platform: SharedPlatform
    backups: Backups
    bucket: DataBucket
    key: CustomerKey
    role: WorkloadRole


def create_bucket_backups(scope: Construct, id: str, props: BucketBackupsProps) -> list[AlarmProps]:
    """Create the vault and the plan that fills it, at `id` in `scope`, and return the alarms on them."""
    owner, account, topic = props.plan.owner, props.platform.account, props.platform.alarm_topic_arn
    props.bucket.grant_backup(props.role, account)
    for use in backup_uses(account, "s3"):
        props.key.grant_use(props.role, use)
    vault = BackupVault(
        scope,
        id,
        BackupVaultProps(
            name=owner.names.backup_vault,
            account=account,
            key=props.key,
            role=props.role,
            resources=(props.bucket.arn,),
            backups=props.backups,
            protection=props.plan.protection.of("vault"),
            tags=dict(owner.tags),
        ),
    )
    if topic is None:
        return []
    return vault.create_alarms(
        alarm=owner.names.alarm, rule=owner.names.backup_failures_rule, topic_arn=topic
    )
