"""A backup vault keeps its access policy.

MiniStack answers that no vault has one, and knows no way to give it one.

AWS: AWS Backup developer guide, API reference, `PutBackupVaultAccessPolicy`, `GetBackupVaultAccessPolicy`,
`DeleteBackupVaultAccessPolicy`: one policy per vault, which goes with it.
"""

import json
import re
from typing import Any

from emulator.shims._patching import part, service, wrap

PATH = re.compile(r"/backup-vaults/(?P<vault>[^/]+)(?P<policy>/access-policy)?/?")


def apply() -> None:
    """Answer the three actions."""
    backup, responses = service("services.backup"), service("core.responses")
    answer, done, missing = part(backup, "_ok"), part(backup, "_no_content"), part(backup, "_not_found")
    vaults = part(backup, "_vaults")
    kept = part(responses, "AccountRegionScopedDict")()

    async def handle(original: Any, method: str, path: str, *rest: Any) -> Any:  # noqa: ANN401
        found = PATH.fullmatch(path)
        vault = found["vault"] if found else ""
        if not found or not found["policy"] or vault not in vaults:
            if found and method == "DELETE":
                kept.pop(vault, None)
            return await original(method, path, *rest)
        if method == "PUT":
            kept[vault] = json.loads(rest[1])["Policy"]
            return done()
        if vault not in kept:
            return missing(f"No access policy is associated with vault '{vault}'.")
        if method == "DELETE":
            del kept[vault]
            return done()
        name, arn = vaults[vault]["BackupVaultName"], vaults[vault]["BackupVaultArn"]
        return answer({"BackupVaultName": name, "BackupVaultArn": arn, "Policy": kept[vault]})

    wrap(backup, "handle_request", handle)
