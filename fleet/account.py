"""What an account is allowed, as Service Quotas says it. It reads, and asks for nothing more."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any, Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from config.formats import partition
from config.problems import ConfigurationError, Problem
from facts.quotas import Quota
from fleet.budget import OF_THE_ACCOUNT
from fleet.limits import BY_CODE, Limits

UNKNOWN: Final = "NoSuchResourceException"
HOME: Final = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""By partition, the region that knows the quotas that all regions of an account share
(https://docs.aws.amazon.com/general/latest/gr/iam-service.html)."""


def asked(limits: Limits, regions: Iterable[str]) -> Limits:
    """Return `limits` with what the caller's account has in `regions`, which counts before all that a file says.

    A quota that Service Quotas does not know there keeps its limit.

    Raises:
        ConfigurationError: there is no account to ask, or the caller may not.
    """
    applied: dict[tuple[str, str], int] = {}
    client = cache(_client)
    try:
        for region in sorted(set(regions)):
            for key, quota in BY_CODE.items():
                shared = quota.name in OF_THE_ACCOUNT
                value = _value(client(HOME.get(partition(region), region) if shared else region), quota)
                if value is not None:
                    applied[region, key] = value
    except ClientError as error:
        said = error.response.get("Error", {})
        raise _refusal(f"{said.get('Code')} {said.get('Message', '')}".strip()) from None
    except BotoCoreError as error:
        raise _refusal(str(error)) from None
    return replace(limits, applied=applied)


def _client(region: str) -> Any:  # noqa: ANN401 - boto3's clients have no types
    config = Config(
        connect_timeout=10, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 5}
    )
    return boto3.session.Session(region_name=region).client("service-quotas", config=config)


def _value(client: Any, quota: Quota) -> int | None:  # noqa: ANN401
    """Return what the account has of `quota`; `None` where Service Quotas does not know it."""
    try:
        answer = client.get_service_quota(ServiceCode=quota.service, QuotaCode=quota.code)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") != UNKNOWN:
            raise
        return None
    return int(answer["Quota"]["Value"])


def _refusal(received: str) -> ConfigurationError:
    expected = "an AWS account whose quotas the caller may read (servicequotas:GetServiceQuota)"
    return ConfigurationError([Problem(where="--account", received=received, expected=expected)])
