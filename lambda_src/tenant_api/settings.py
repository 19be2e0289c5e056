"""The function's environment as a validated model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_SHAPES = {
    "TENANT_ID": (r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?", "a lower-case slug of 1 to 63 characters"),
    "DYNAMODB_TABLE": (r"[A-Za-z0-9_.-]{3,255}", "a DynamoDB table name"),
    "S3_BUCKET": (r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "an S3 bucket name"),
    "KMS_KEY_ID": (r"[A-Za-z0-9_:/-]{1,2048}", "the id or the ARN of a KMS key"),
}


class SettingsError(Exception):
    """The environment is not what the function needs; the message names every problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the function reads from its environment.

    Attributes:
        tenant_id: The one tenant that this function serves.
        table: Name of the tenant's DynamoDB table.
        bucket: Name of the tenant's S3 bucket.
        kms_key_id: Id or ARN of the tenant's KMS key; every object is encrypted with it.
    """

    tenant_id: str
    table: str
    bucket: str
    kms_key_id: str


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Validate `environment` whole.

    Args:
        environment: Name to value, as `os.environ`.

    Raises:
        SettingsError: A variable is missing or malformed; all of them are reported at once.
    """
    problems = []
    for name, (pattern, expected) in _SHAPES.items():
        value = environment.get(name)
        if value is None:
            problems.append(f"{name} is missing, expected {expected}")
        elif not re.fullmatch(pattern, value):
            problems.append(f"{name} is {value!r}, expected {expected}")
    if problems:
        raise SettingsError("; ".join(problems))
    return Settings(
        tenant_id=environment["TENANT_ID"],
        table=environment["DYNAMODB_TABLE"],
        bucket=environment["S3_BUCKET"],
        kms_key_id=environment["KMS_KEY_ID"],
    )
