"""A backup or a copy that did not come about is told to the topic, and so is that nobody could be told."""

from __future__ import annotations

import json
from functools import cache

from cdktf_cdktf_provider_aws.backup_vault import BackupVault

from constructs.common.backup_notice import BackupNotice, BackupNoticeProps
from tests.construct import Surroundings, alone
from tests.synthesis import StackDocument

TOPIC = "arn:aws:sns:eu-west-1:123456789012:pager"


@cache
def notice() -> StackDocument:
    def build(around: Surroundings) -> None:
        props = BackupNoticeProps(
            rule="a-rule",
            alarm="alarm-{}".format,
            vault=BackupVault(around.stack, "vault", name="some-backups"),
            topic_arn=TOPIC,
            tags={"tenant_id": "acme-corp"},
        )
        BackupNotice(around.stack, "notice", props)

    return alone(build)


def test_it_is_told_of_this_vaults_backups_and_copies_that_end_without_one() -> None:
    stack = notice()
    arn = stack.reference("aws_backup_vault")
    assert json.loads(stack.one("aws_cloudwatch_event_rule")["event_pattern"]) == {
        "source": ["aws.backup"],
        "detail-type": ["Backup Job State Change", "Copy Job State Change"],
        "detail": {
            "state": ["ABORTED", "EXPIRED", "FAILED", "PARTIAL"],
            "$or": [
                {"backupVaultArn": [arn]},
                {"backupVaultName": [stack.reference("aws_backup_vault", attribute="name")]},
                {"sourceBackupVaultArn": [arn]},
            ],
        },
    }


def test_the_topic_is_told_which_job_of_what_and_where_the_runbook_says_what_to_do() -> None:
    target = notice().one("aws_cloudwatch_event_target")
    assert target["arn"] == TOPIC
    assert json.loads(target["input_transformer"]["input_template"]) == (
        "<job>: <state>, of <resource> at <time>. What to do: docs/runbook.md#backup-failures"
    )
    assert target["input_transformer"]["input_paths"] == {
        "job": "$.detail-type",
        "resource": "$.detail.resourceArn",
        "state": "$.detail.state",
        "time": "$.time",
    }


def test_that_nobody_could_be_told_is_an_alarm() -> None:
    stack = notice()
    alarm, rule = stack.one("aws_cloudwatch_metric_alarm"), stack.one("aws_cloudwatch_event_rule")
    assert alarm["dimensions"] == {"RuleName": stack.reference("aws_cloudwatch_event_rule", attribute="name")}
    assert (alarm["alarm_name"], alarm["alarm_actions"]) == ("alarm-backup-notice-failures", [TOPIC])
    assert alarm["tags"] == rule["tags"] == {"tenant_id": "acme-corp"}
