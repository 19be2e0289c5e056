"""The backups of a silo's data, under the tenant's own key (docs/decisions/0025)."""

from __future__ import annotations

from dataclasses import dataclass

from constructs import Construct
from constructs.common.account import Account
from constructs.common.alarms import AlarmProps
from constructs.common.backup_rights import backup_uses
from constructs.common.backup_vault import BackupVault, BackupVaultProps
from constructs.common.customer_key import CustomerKey
from constructs.common.data_bucket import DataBucket
from constructs.common.workload_role import WorkloadRole
from constructs.silo.metadata_table import MetadataTable
from constructs.silo.silo_key import BACKED_UP
from tenancy.names.silo import SiloNames
from tenancy.protection import Backups, Protection


@dataclass(frozen=True, slots=True, kw_only=True)
class SiloBackupsProps:
    """What is backed up, and how the backups are kept.

    Attributes:
        names: the tenant's.
        account: of the silo.
        key: the tenant's.
        role: that AWS Backup makes them with.
        bucket: the tenant's.
        table: the tenant's.
        backups: how they are kept.
        protection: of the vault.
        alarm_topic_arn: of the SNS topic that is told of backups that fail; `None` tells nobody.
    """

    names: SiloNames
    account: Account
    key: CustomerKey
    role: WorkloadRole
    bucket: DataBucket
    table: MetadataTable
    backups: Backups
    protection: Protection
    alarm_topic_arn: str | None


def create_silo_backups(scope: Construct, id: str, props: SiloBackupsProps) -> list[AlarmProps]:
    """Create the vault and the plan that fills it, at `id` in `scope`, and return the alarms on them."""
    props.bucket.grant_backup(props.role, props.account)
    props.table.grant_backup(props.role)
    for use in backup_uses(props.account, *BACKED_UP):
        props.key.grant_use(props.role, use)
    vault = BackupVault(
        scope,
        id,
        BackupVaultProps(
            name=props.names.backup_vault,
            account=props.account,
            key=props.key,
            role=props.role,
            resources=(props.bucket.arn, props.table.arn),
            backups=props.backups,
            protection=props.protection,
        ),
    )
    if props.alarm_topic_arn is None:
        return []
    names = props.names
    return vault.create_alarms(
        alarm=names.alarm, rule=names.backup_failures_rule, topic_arn=props.alarm_topic_arn
    )
