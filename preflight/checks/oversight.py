"""What the account must have beside the stacks: a trail, AWS Config, GuardDuty, and MFA for the root user.

docs/security.md says of each which control asks for it. The deployment works without, so whoever may not see them is
warned as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from botocore.exceptions import ClientError

from preflight.account import Account, is_denied
from preflight.deployment import Deployment
from preflight.findings import Finding, warns

ENABLED: Final = "ENABLED"


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find what is missing, and what the caller may not see."""
    for question in (_trail, _recorder, _detector, _root):
        try:
            yield from question(deployment.account)
        except ClientError as error:
            if not is_denied(error):
                raise
            yield warns(
                f"{error.operation_name} was refused: whether the account is watched is not known.",
                "Ask whoever looks after the account.",
            )


def _trail(account: Account) -> Iterator[Finding]:
    """CloudTrail.1, CloudTrail.2 and CloudTrail.4."""
    client = account.client("cloudtrail")
    trails = [trail for trail in client.describe_trails()["trailList"] if trail.get("IsMultiRegionTrail")]
    # Of a trail of another region or account, only its ARN names it.
    logging = [trail for trail in trails if client.get_trail_status(Name=trail["TrailARN"]).get("IsLogging")]
    if not logging:
        yield warns(
            "no trail of all regions is logging: nobody would know who changed a key's policy.",
            "aws cloudtrail create-trail --is-multi-region-trail ..., and start-logging.",
        )
        return
    for key, what, option in (
        ("KmsKeyId", "encrypts its logs with a KMS key", "--kms-key-id"),
        ("LogFileValidationEnabled", "has its logs validated", "--enable-log-file-validation"),
    ):
        if not any(trail.get(key) for trail in logging):
            yield warns(f"no trail that is logging {what}.", f"aws cloudtrail update-trail {option} ...")


def _recorder(account: Account) -> Iterator[Finding]:
    """Config.1."""
    status = account.client("config").describe_configuration_recorder_status()
    if not any(recorder.get("recording") for recorder in status["ConfigurationRecordersStatus"]):
        yield warns(
            f"AWS Config records nothing in {account.region}: Security Hub decides most controls from it.",
            "aws configservice start-configuration-recorder ...",
        )


def _detector(account: Account) -> Iterator[Finding]:
    """GuardDuty.1."""
    client = account.client("guardduty")
    ids: list[str] = client.list_detectors()["DetectorIds"]
    if not any(client.get_detector(DetectorId=id_)["Status"] == ENABLED for id_ in ids):
        yield warns(
            f"GuardDuty is not enabled in {account.region}: credentials used from elsewhere go unseen.",
            "aws guardduty create-detector --enable",
        )


def _root(account: Account) -> Iterator[Finding]:
    """IAM.9."""
    summary: Any = account.client("iam").get_account_summary()["SummaryMap"]
    if not summary.get("AccountMFAEnabled"):
        yield warns("the root user has no MFA.", "Give it a device, in the console, as the root user.")


def seen(deployment: Deployment) -> str:
    """Say what is there."""
    region = deployment.account.region
    return f"a trail, AWS Config and GuardDuty in {region}, MFA for the root user"
