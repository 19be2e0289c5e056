"""Gaps of the emulator and their shims (`gaps.py`): requests to AWS Backup that are sent again."""

from emulator.server import ACCOUNT_ID, REGION, Emulator
from tests.emulator.gaps import assert_closed_by_a_shim, name


def test_a_request_to_backup_is_carried_out_once(shimmed: Emulator, bare: Emulator) -> None:
    def observe(emulator: Emulator) -> object:
        backup, vault, token = emulator.client("backup"), name(), name()
        backup.create_backup_vault(BackupVaultName=vault)
        rule = {"RuleName": "daily", "TargetBackupVaultName": vault}
        plans = [
            backup.create_backup_plan(
                BackupPlan={"BackupPlanName": vault, "Rules": [rule]}, CreatorRequestId=token
            )["BackupPlanId"]
            for _ in range(2)
        ]
        role = f"arn:aws:iam::{ACCOUNT_ID}:role/backup"
        selections = [
            backup.create_backup_selection(
                BackupPlanId=plans[0],
                BackupSelection={"SelectionName": "all", "IamRoleArn": role, "Resources": ["arn:aws:s3:::x"]},
                CreatorRequestId=token,
            )["SelectionId"]
            for _ in range(2)
        ]
        backup.delete_backup_selection(BackupPlanId=plans[0], SelectionId=selections[0])
        again = backup.create_backup_selection(
            BackupPlanId=plans[0],
            BackupSelection={"SelectionName": "all", "IamRoleArn": role, "Resources": ["arn:aws:s3:::x"]},
            CreatorRequestId=token,
        )["SelectionId"]
        return len(set(plans)), len(set(selections)), again in selections

    assert_closed_by_a_shim(observe, (1, 1, False), shimmed=shimmed, bare=bare)


def test_a_backup_job_is_started_once_per_token(shimmed: Emulator, bare: Emulator) -> None:
    """`IdempotencyToken` (https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartBackupJob.html)."""

    def observe(emulator: Emulator) -> object:
        backup, vault, token = emulator.client("backup"), name(), name()
        backup.create_backup_vault(BackupVaultName=vault)
        job = {
            "BackupVaultName": vault,
            "ResourceArn": "arn:aws:s3:::x",
            "IamRoleArn": f"arn:aws:iam::{ACCOUNT_ID}:role/backup",
        }
        first, again, other, without = (
            backup.start_backup_job(**job, **identified)["BackupJobId"]
            for identified in (
                *({"IdempotencyToken": token}, {"IdempotencyToken": token}, {"IdempotencyToken": name()}),
                {},
            )
        )
        there = [one["BackupJobId"] for one in backup.list_backup_jobs(ByBackupVaultName=vault)["BackupJobs"]]
        points = backup.describe_backup_vault(BackupVaultName=vault)["NumberOfRecoveryPoints"]
        return first == again, len({first, other, without}), len(there), points

    assert_closed_by_a_shim(observe, (True, 3, 3, 3), shimmed=shimmed, bare=bare)


def test_a_token_of_a_backup_job_is_its_accounts_and_regions_alone(shimmed: Emulator) -> None:
    token, vault, jobs = name(), name(), set()
    for region in (REGION, "eu-west-1"):
        backup = shimmed.client("backup", region=region)
        backup.create_backup_vault(BackupVaultName=vault)
        job = {"BackupVaultName": vault, "ResourceArn": "arn:aws:s3:::x", "IdempotencyToken": token}
        jobs.add(
            backup.start_backup_job(**job, IamRoleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/b")["BackupJobId"]
        )
    assert len(jobs) == 2
