"""The function's environment as a validated model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from runtime.environment import Variable, read_environment
from runtime.silo import DYNAMODB_TABLE, TENANT_ID

_VARIABLES = {
    "TENANT_ID": TENANT_ID,
    "DYNAMODB_TABLE": DYNAMODB_TABLE,
    "S3_BUCKET": Variable(pattern=r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", expected="an S3 bucket name"),
    "KMS_KEY_ID": Variable(pattern=r"[A-Za-z0-9_:/-]{1,2048}", expected="the id or the ARN of a KMS key"),
    "LARGEST_OBJECT_BYTES": Variable(pattern=r"[1-9][0-9]{0,9}", expected="a number of bytes, 1 or more"),
    "MOST_RECORDS": Variable(
        pattern=r"[1-9][0-9]{0,9}|unlimited", expected="a number of records, 1 or more, or 'unlimited'"
    ),
    "MOST_OBJECTS": Variable(
        pattern=r"[1-9][0-9]{0,5}|unlimited", expected="a number of objects, 1 or more, or 'unlimited'"
    ),
    "MOST_OBJECT_BYTES": Variable(
        pattern=r"[1-9][0-9]{0,15}|unlimited", expected="a number of bytes, 1 or more, or 'unlimited'"
    ),
    # Names of roles: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
    "API_CALLERS": Variable(
        pattern=r"users(-by-group)?|roles:[\w+=,.@-]{1,64}(/read)?( [\w+=,.@-]{1,64}(/read)?)*",
        expected="'users' (of the tenant's user pool), 'users-by-group' (who may do what their groups say), "
        "or 'roles:' and the names of roles with spaces between, '/read' behind those that only read",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the function reads from its environment.

    Attributes:
        tenant_id: The one tenant that this function serves.
        table: Name of the tenant's DynamoDB table.
        bucket: Name of the tenant's S3 bucket.
        kms_key_id: Id or ARN of the tenant's KMS key; every object is encrypted with it.
        largest_object: Bytes that an object may have.
        most_records: Records that the tenant may have; `None` is any number.
        most_objects: Objects that the tenant may have; `None` is any number.
        most_object_bytes: Bytes that they may have together; `None` is any number.
        users_by_group: Whether what a user may do depends on their groups.
        caller_roles: Names of the roles whose signed requests are answered; `None` where the users of the tenant's user
            pool call, with access tokens.
        reader_roles: Names of further roles, whose signed requests are answered if they change nothing.
    """

    tenant_id: str
    table: str
    bucket: str
    kms_key_id: str
    largest_object: int
    most_records: int | None
    most_objects: int | None
    most_object_bytes: int | None
    users_by_group: bool
    caller_roles: frozenset[str] | None
    reader_roles: frozenset[str]


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings in `environment`.

    Args:
        environment: Name to value, as `os.environ`.

    Raises:
        SettingsError: A variable is missing or malformed. All problems are reported at once.
    """
    values = read_environment(environment, _VARIABLES)
    kind, _, named = values["API_CALLERS"].partition(":")
    roles = named.split()
    readers = frozenset(role.removesuffix("/read") for role in roles if role.endswith("/read"))
    return Settings(
        tenant_id=values["TENANT_ID"],
        table=values["DYNAMODB_TABLE"],
        bucket=values["S3_BUCKET"],
        kms_key_id=values["KMS_KEY_ID"],
        largest_object=int(values["LARGEST_OBJECT_BYTES"]),
        most_records=_limit(values["MOST_RECORDS"]),
        most_objects=_limit(values["MOST_OBJECTS"]),
        most_object_bytes=_limit(values["MOST_OBJECT_BYTES"]),
        users_by_group=kind == "users-by-group",
        caller_roles=frozenset(role for role in roles if "/" not in role) if kind == "roles" else None,
        reader_roles=readers,
    )


def _limit(value: str) -> int | None:
    return None if value == "unlimited" else int(value)
