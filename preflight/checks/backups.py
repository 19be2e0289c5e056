"""Backups: AWS Backup takes what is selected, and the vault that they are copied to is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from botocore.exceptions import ClientError

from preflight.deployment import Deployment
from preflight.findings import Finding, stops, warns

TYPES: Final = ("Aurora", "DynamoDB", "S3")
"""Of what is backed up here. A type that an account has opted out of is skipped, and no job fails
(https://docs.aws.amazon.com/aws-backup/latest/devguide/assigning-resources.html)."""
ADVANCED: Final = "DynamoDB"
"""Only with advanced features is a table's backup encrypted with the vault's key and copied to another region
(https://docs.aws.amazon.com/aws-backup/latest/devguide/advanced-ddb-backup.html)."""


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find what AWS Backup would leave out, and a vault that is missing."""
    if not any(stack.all("aws_backup_plan") for stack in deployment.stacks):
        return
    settings = deployment.account.client("backup").describe_region_settings()
    for type_ in TYPES:
        if not settings.get("ResourceTypeOptInPreference", {}).get(type_, True):
            yield stops(
                f"the account has opted out of backups of {type_} in {deployment.account.region}.",
                f"aws backup update-region-settings --resource-type-opt-in-preference {type_}=true",
            )
    if not settings.get("ResourceTypeManagementPreference", {}).get(ADVANCED, True):
        yield stops(
            f"AWS Backup's advanced features for {ADVANCED} are off: tables would not be backed up.",
            f"aws backup update-region-settings --resource-type-management-preference {ADVANCED}=true",
        )
    for region, vault in _copies(deployment):
        yield from _vault(deployment, region, vault)


def _vault(deployment: Deployment, region: str, vault: str) -> Iterator[Finding]:
    try:
        deployment.account.client("backup", region=region).describe_backup_vault(BackupVaultName=vault)
    except ClientError:
        # AWS denies a vault that is not there, whoever asks
        # (https://docs.aws.amazon.com/aws-backup/latest/devguide/API_DescribeBackupVault.html).
        yield warns(
            f"the vault {vault} in {region}, which backups are copied to, could not be found.",
            'Make it first: docs/operations.md, "Backups".',
        )


def _copies(deployment: Deployment) -> list[tuple[str, str]]:
    """Return region and name of each vault that backups are copied to."""
    arns = {
        str(copy["destination_vault_arn"])
        for stack in deployment.stacks
        for plan in stack.all("aws_backup_plan").values()
        for rule in plan.get("rule", ())
        for copy in rule.get("copy_action", ())
    }
    # The partition and the account are references: neither has a colon.
    return sorted({(arn.split(":")[3], arn.split(":")[6]) for arn in arns})


def seen(deployment: Deployment) -> str:
    """Say what was looked at."""
    copies = _copies(deployment)
    if copies:
        return ", ".join(f"copies go to {vault} in {region}" for region, vault in copies)
    backed_up = any(stack.all("aws_backup_plan") for stack in deployment.stacks)
    return f"AWS Backup takes {', '.join(TYPES)}" if backed_up else "none are made"
