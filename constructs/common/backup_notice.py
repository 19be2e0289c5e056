"""Tells somebody when a backup, or its copy to another region, fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from cdktf_cdktf_provider_aws.backup_vault import BackupVault

from constructs import Construct
from constructs.common.notice import Notice, NoticeProps, unheard

SECTION: Final = "backup-failures"
JOBS: Final = ("Backup Job State Change", "Copy Job State Change")
FAILURES: Final = ("ABORTED", "EXPIRED", "FAILED", "PARTIAL")
"""How a job ends that leaves no backup, or not a whole one
(https://docs.aws.amazon.com/aws-backup/latest/devguide/API_BackupJob.html,
https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CopyJob.html, read 2026-11-28)."""

BACKUPS_UNHEARD: Final = unheard("backup-notice-failures", "a backup or its copy failed")


@dataclass(frozen=True, slots=True, kw_only=True)
class BackupNoticeProps:
    """Whose backups, and who hears of them.

    Attributes:
        rule: physical name of the rule.
        alarm: returns the physical name of an alarm, from its section of the runbook.
        vault: that the backups are in, and copied from.
        topic_arn: of the SNS topic that is told; its policy must admit EventBridge.
        tags: of the rule and the alarm, beyond the provider's.
    """

    rule: str
    alarm: Callable[[str], str]
    vault: BackupVault
    topic_arn: str
    tags: Mapping[str, str] = field(default_factory=dict)


class BackupNotice(Notice):
    """A rule on AWS Backup's events about this vault's jobs.

    The metrics do not say whose copies failed, so the alarm on them covers backups alone. AWS Backup sends events on a
    best-effort basis, every five minutes (https://docs.aws.amazon.com/aws-backup/latest/devguide/eventbridge.html, read
    2026-11-28): that alarm stays.
    """

    def __init__(self, scope: Construct, id: str, props: BackupNoticeProps) -> None:
        arn = props.vault.arn
        pattern = {
            "source": ["aws.backup"],
            "detail-type": list(JOBS),
            "detail": {
                "state": list(FAILURES),
                # A backup's event names its vault by name and ARN, a copy's the two vaults by ARN.
                "$or": [
                    {"backupVaultArn": [arn]},
                    {"backupVaultName": [props.vault.name]},
                    {"sourceBackupVaultArn": [arn]},
                ],
            },
        }
        super().__init__(
            scope,
            id,
            NoticeProps(
                rule=props.rule,
                description="Tells that a backup or its copy failed",
                pattern=pattern,
                said="<job>: <state>, of <resource> at <time>.",
                told={
                    "job": "$.detail-type",
                    "resource": "$.detail.resourceArn",
                    "state": "$.detail.state",
                    "time": "$.time",
                },
                section=SECTION,
                unheard=BACKUPS_UNHEARD,
                alarm=props.alarm(BACKUPS_UNHEARD.section),
                topic_arn=props.topic_arn,
                tags=props.tags,
            ),
        )
