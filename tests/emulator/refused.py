"""What the tests of the refusals share: each request is refused with the refusal, and accepted without."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from emulator.server import ACCOUNT_ID, Emulator

ROOT = f"arn:aws:iam::{ACCOUNT_ID}:root"
MANAGEMENT = ("kms:PutKeyPolicy", "kms:GetKeyPolicy", "kms:DescribeKey", "kms:ScheduleKeyDeletion")


def outcome(call: Callable[..., Any], **arguments: Any) -> str:
    """Return the error's code, or `accepted`."""
    try:
        call(**arguments)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return "accepted"


def statement(
    *actions: str, principal: Mapping[str, str] | None = None, condition: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Return an allowing statement of a key policy, by default for the account."""
    made: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": principal or {"AWS": ROOT},
        "Action": list(actions),
        "Resource": "*",
    }
    return made | ({"Condition": condition} if condition else {})


def policy(statements: Sequence[Mapping[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def key(emulator: Emulator, *statements: Mapping[str, Any]) -> str:
    """Return the ARN of a key that the account manages, and that `statements` let be used."""
    made = emulator.client("kms").create_key(Policy=policy([statement(*MANAGEMENT), *statements]))
    return str(made["KeyMetadata"]["Arn"])


def allow(emulator: Emulator, key_arn: str, *statements: Mapping[str, Any]) -> None:
    """Replace what the key may be used for."""
    document = policy([statement(*MANAGEMENT), *statements])
    emulator.client("kms").put_key_policy(KeyId=key_arn, PolicyName="default", Policy=document)
