"""AWS Backup asks KMS whether the caller may give a vault its key, and whether a backup's role may use the keys.

MiniStack stores the key's ARN and asks nobody. It makes no backups either: a job that AWS would let fail is refused
where it is started.

AWS: AWS Backup developer guide, "Create a backup vault", "Required permissions"
(https://docs.aws.amazon.com/aws-backup/latest/devguide/create-a-vault.html, read 2026-11-28): `CreateGrant`,
`DescribeKey`, `RetireGrant`, `Decrypt` and `GenerateDataKey`. "Encryption for backups in AWS Backup"
(.../encryption.html): the role must have access to the keys. What it asks of the vault's key is in the managed policy
AWSBackupServiceRolePolicyForBackup (`DescribeKey`, `CreateGrant`, `Decrypt`, `GenerateDataKey`), and of the data's in
the same (`Decrypt` and `GenerateDataKey` through DynamoDB) and in AWSBackupServiceRolePolicyForS3Backup (`Decrypt`
through S3).
"""

from __future__ import annotations

import re
from typing import Any, Final
from urllib.parse import unquote

from emulator.refusals._kms import CREATE_GRANT, Use, caller, denial, role
from emulator.refusals._requests import Request, Response, before, json_error
from emulator.shims._patching import part, service

VAULTS, JOBS = "backup-vaults", "backup-jobs"
OF_CREATOR: Final = tuple(
    Use(action=action)
    for action in ("DescribeKey", CREATE_GRANT, "RetireGrant", "Decrypt", "GenerateDataKey")
)
OF_ROLE: Final = tuple(
    Use(action=action) for action in ("DescribeKey", CREATE_GRANT, "Decrypt", "GenerateDataKey")
)
OF_DATA: Final = {"dynamodb": ("Decrypt", "GenerateDataKey"), "s3": ("Decrypt",)}
"""What the role asks of the key of what it backs up, by the service of that."""


def apply() -> None:
    """Ask before a vault gets a key and before a backup is begun."""
    before(service("services.backup"), refuse)


def refuse(request: Request) -> Response | None:
    """The refusal of a request, or None."""
    problem = None
    segments = unquote(request.path).strip("/").split("/")
    if request.method == "PUT" and segments[0] == VAULTS and len(segments) == 2:  # noqa: PLR2004 (and its name)
        problem = denial(caller(request), request.json.get("EncryptionKeyArn"), "backup", *OF_CREATOR)
    elif request.method == "PUT" and segments == [JOBS]:
        problem = _of_job(request.json)
    return json_error("AccessDeniedException", problem) if problem else None


def _of_job(asked: dict[str, Any]) -> str | None:
    vault = part(service("services.backup"), "_vaults").get(asked.get("BackupVaultName")) or {}
    resource = str(asked.get("ResourceArn", ""))
    asker = role(str(asked.get("IamRoleArn", "")), "backup")
    via = resource.split(":")[2] if resource.count(":") > 1 else ""
    uses = [Use(action=action, context=_context(resource)) for action in OF_DATA.get(via, ())]
    return denial(asker, vault.get("EncryptionKeyArn"), "backup", *OF_ROLE) or denial(
        asker, _key(resource), via, *uses
    )


def _key(resource: str) -> str | None:
    """The key of the table or bucket with the ARN `resource`."""
    name = re.split("[:/]", resource)[-1]
    if ":dynamodb:" in resource:
        table = part(service("services.dynamodb"), "_tables").get(name) or {}
        key: str | None = (table.get("SSEDescription") or {}).get("KMSMasterKeyArn")
        return key
    headers = part(service("services.s3"), "_bucket_default_sse_headers")(name)
    found: str | None = headers.get("x-amz-server-side-encryption-aws-kms-key-id")
    return found


def _context(resource: str) -> dict[str, str]:
    if ":dynamodb:" in resource:
        account = resource.split(":")[4]
        name = resource.rpartition("/")[2]
        return {"aws:dynamodb:tableName": name, "aws:dynamodb:subscriberId": account}
    return {"aws:s3:arn": resource}
