"""Backups apart from the data: a vault, a plan that fills it every day, and the role that AWS Backup reads with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from cdktf_cdktf_provider_aws.backup_plan import (
    BackupPlan,
    BackupPlanRule,
    BackupPlanRuleCopyAction,
    BackupPlanRuleCopyActionLifecycle,
    BackupPlanRuleLifecycle,
)
from cdktf_cdktf_provider_aws.backup_selection import BackupSelection
from cdktf_cdktf_provider_aws.backup_vault import BackupVault as AwsBackupVault
from cdktf_cdktf_provider_aws.backup_vault_policy import BackupVaultPolicy

from constructs import Construct
from constructs.common.account import Account
from constructs.common.alarms import Alarm, AlarmProps, Watch
from constructs.common.backup_notice import BackupNotice, BackupNoticeProps
from constructs.common.backup_rights import grant_fill, grant_mark
from constructs.common.customer_key import CustomerKey
from constructs.common.lifecycle import protected_lifecycle
from constructs.common.workload_role import WorkloadRole
from policies.conditions import principal_has_tag
from policies.statements import EVERYONE, Statement, policy_document
from tenancy.owner import FARGATE_TAG, SILO_TAG
from tenancy.protection import Backups, Protection

SCHEDULE: Final = "cron(0 1 ? * * *)"
"""Daily at 01:00 UTC, away from the database's own backup (03:00) and its maintenance (05:00)."""
START_MINUTES: Final = 60
COMPLETION_MINUTES: Final = 7 * 24 * 60
"""AWS's own default. Terraform's is three hours, after which AWS Backup cancels what is not done: the first backup of a
large bucket takes days (https://docs.aws.amazon.com/aws-backup/latest/devguide/plan-options-and-configuration.html,
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/backup_plan)."""
DELETION: Final = ("backup:DeleteRecoveryPoint", "backup:UpdateRecoveryPointLifecycle")
"""What ends a backup before its time; that its time is over, AWS Backup does not ask the policy."""
OF_OPERATORS: Final = (
    *DELETION,
    "backup:DeleteBackupVault",
    "backup:DeleteBackupVaultAccessPolicy",
    "backup:PutBackupVaultAccessPolicy",
    "backup:StartRestoreJob",
)
"""What no tenant's principal does with its backups, whatever its own policies say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupVaultProps:
    """What is backed up, under which key, for how long.

    Attributes:
        name: physical name of the vault, and of the plan and the selection.
        account: of the vault.
        key: encrypts the backups of what AWS Backup manages as a whole: buckets and tables. A database's snapshots
            keep the database's own key (https://docs.aws.amazon.com/aws-backup/latest/devguide/encryption.html).
        role: that AWS Backup reads with; the resources have granted it what they need.
        resources: ARNs of what is backed up. By ARN: a tag is set by whoever may tag.
        backups: how they are kept.
        protection: of the backups.
        tags: of the vault, beyond the provider's.
    """

    name: str
    account: Account
    key: CustomerKey
    role: WorkloadRole
    resources: Sequence[str]
    backups: Backups
    protection: Protection
    tags: Mapping[str, str] = field(default_factory=dict)


# By `BackupVaultName`; written every five minutes where it is not zero
# (https://docs.aws.amazon.com/aws-backup/latest/devguide/cloudwatch.html).
BACKUP_FAILURES: Final = Watch(
    section="backup-failures",
    summary="A backup failed",
    namespace="AWS/Backup",
    metric="NumberOfBackupJobsFailed",
    statistic="Sum",
    limit=0,
)


class BackupVault(Construct):
    """A vault whose backups no tenant can delete, and where data is protected nobody before they expire.

    Attributes:
        resource: the vault.
    """

    def __init__(self, scope: Construct, id: str, props: BackupVaultProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self.resource = AwsBackupVault(
            self,
            "vault",
            name=props.name,
            kms_key_arn=props.key.arn,
            # Without it, a vault that holds a backup stays, and the destruction of its stack fails.
            force_destroy=not props.protection.protected,
            lifecycle=protected_lifecycle(props.protection),
            tags=dict(props.tags) or None,
        )
        BackupVaultPolicy(
            self,
            "policy",
            backup_vault_name=self.resource.name,
            policy=policy_document(self._vault_policy()),
        )
        grant_fill(props.role, self.resource.arn, copies=self._copies_arn())
        grant_mark(props.role, props.account)
        self._create_plan()

    def create_alarms(self, *, alarm: Callable[[str], str], rule: str, topic_arn: str) -> list[AlarmProps]:
        """Have the SNS topic `topic_arn` told of backups and copies that fail, and return the alarms of that.

        Args:
            alarm: returns the physical name of an alarm, from its section of the runbook.
            rule: physical name of the rule on AWS Backup's events.
            topic_arn: of the topic.
        """
        tags = self._props.tags
        failures = AlarmProps(
            name=alarm(BACKUP_FAILURES.section),
            watch=BACKUP_FAILURES,
            dimensions={"BackupVaultName": self.resource.name},
            topic_arn=topic_arn,
            tags=tags,
        )
        Alarm(self, "alarm", failures)
        props = BackupNoticeProps(rule=rule, alarm=alarm, vault=self.resource, topic_arn=topic_arn, tags=tags)
        notice = BackupNotice(self, "notice", props)
        return [failures, notice.alarm]

    def _vault_policy(self) -> list[Statement]:
        """Return denials only: what is allowed is said by the callers' own policies.

        The resource is the vault's backups: AWS compares a deletion with their ARNs, which it makes up
        (https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault-access-policy.html).
        """
        tenants = [
            Statement(
                sid=sid,
                effect="Deny",
                actions=OF_OPERATORS,
                resources=("*",),
                principal=EVERYONE,
                conditions=(principal_has_tag(tag),),
            )
            for sid, tag in (("DenySiloTenants", SILO_TAG), ("DenyFargateTenants", FARGATE_TAG))
        ]
        if not self._props.protection.protected:
            return tenants
        nobody = Statement(
            sid="DenyDeletion", effect="Deny", actions=DELETION, resources=("*",), principal=EVERYONE
        )
        return [nobody, *tenants]

    def _copies_arn(self) -> str | None:
        """Return the ARN of the vault that backups are copied to; `None` where they are not."""
        copies, account = self._props.backups.copies, self._props.account
        if copies is None:
            return None
        return f"arn:{account.partition}:backup:{copies.region}:{account.id}:backup-vault:{copies.vault}"

    def _create_plan(self) -> None:
        props, days, copies = self._props, self._props.backups.retention_days, self._copies_arn()
        plan = BackupPlan(
            self,
            "plan",
            name=props.name,
            rule=[
                BackupPlanRule(
                    rule_name="daily",
                    target_vault_name=self.resource.name,
                    schedule=SCHEDULE,
                    start_window=START_MINUTES,
                    completion_window=COMPLETION_MINUTES,
                    lifecycle=BackupPlanRuleLifecycle(delete_after=days),
                    copy_action=[
                        BackupPlanRuleCopyAction(
                            destination_vault_arn=copies,
                            lifecycle=BackupPlanRuleCopyActionLifecycle(delete_after=days),
                        )
                    ]
                    if copies
                    else None,
                )
            ],
            tags=dict(props.tags) or None,
        )
        rights = props.role.create_policy()
        BackupSelection(
            self,
            "selection",
            name=props.name,
            plan_id=plan.id,
            iam_role_arn=props.role.arn,
            resources=list(props.resources),
            # AWS Backup tries the role when it is selected.
            depends_on=[rights],
        )
