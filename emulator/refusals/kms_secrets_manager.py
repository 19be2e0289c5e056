"""Secrets Manager asks KMS whether the caller may use the key of a secret.

MiniStack stores the key's ARN and asks nobody.

AWS: Secrets Manager user guide, "Secret encryption and decryption in AWS Secrets Manager"
(https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html): a new key is tried out with
`GenerateDataKey` and `Decrypt` under the version id `RequestToValidateKeyAccess`; a value is written with
`GenerateDataKey` and, where one is there already, `Decrypt` under its version id, and read with `Decrypt`.
"""

from __future__ import annotations

from typing import Any

from emulator.refusals._kms import Asker, Use, caller, denial
from emulator.refusals._requests import Request, Response, before, json_error
from emulator.shims._patching import part, service

TRIAL = "RequestToValidateKeyAccess"


def apply() -> None:
    """Ask before a secret gets a key, and before a value is written or read."""
    before(service("services.secretsmanager"), refuse)


def refuse(request: Request) -> Response | None:
    """The refusal of a request, or None."""
    asked = request.json
    problem: str | None = None
    if request.action == "CreateSecret":
        arn, key = _arn(asked.get("Name", "")), asked.get("KmsKeyId")
        problem = tried(caller(request), key, arn)
        if not problem and _has_value(asked):
            problem = _used(request, arn, key, "GenerateDataKey")
    elif request.action in {"UpdateSecret", "PutSecretValue", "GetSecretValue"}:
        problem = _of_existing(request)
    return (
        json_error("AccessDeniedException", f"Access to KMS is not allowed: {problem}") if problem else None
    )


def tried(asker: Asker, key: str | None, arn: str) -> str | None:
    """Why a secret cannot have the key; None if it can.

    Args:
        asker: who gives it the key.
        key: the key's id, ARN or alias.
        arn: of the secret.
    """
    context = {"SecretARN": arn, "SecretVersionId": TRIAL}
    uses = (Use(action=action, context=context) for action in ("GenerateDataKey", "Decrypt"))
    return denial(asker, key, "secretsmanager", *uses)


def _of_existing(request: Request) -> str | None:
    asked = request.json
    _, found = part(service("services.secretsmanager"), "_resolve")(asked.get("SecretId", ""))
    secret: dict[str, Any] = found or {}
    key = secret.get("KmsKeyId")
    arn = str(secret.get("ARN", ""))
    if request.action == "GetSecretValue":
        return _used(request, arn, key, "Decrypt")
    new_key = asked.get("KmsKeyId")
    if new_key and (problem := tried(caller(request), new_key, arn)):
        return problem
    return _used(request, arn, new_key or key, "GenerateDataKey", "Decrypt") if _has_value(asked) else None


def _used(request: Request, arn: str, key: str | None, *actions: str) -> str | None:
    asked = request.json
    version = asked.get("VersionId") or asked.get("ClientRequestToken") or "a-version"
    context = {"SecretARN": arn, "SecretVersionId": version}
    uses = (Use(action=action, context=context) for action in actions)
    return denial(caller(request), key, "secretsmanager", *uses)


def _has_value(asked: dict[str, Any]) -> bool:
    return "SecretString" in asked or "SecretBinary" in asked


def _arn(name: str) -> str:
    responses = service("core.responses")
    region, account = part(responses, "get_region")(), part(responses, "get_account_id")()
    return f"arn:aws:secretsmanager:{region}:{account}:secret:{name}-000000"
