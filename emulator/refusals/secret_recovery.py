"""The name of a secret stays taken until its recovery window is over.

MiniStack says that the secret exists, which it says of one that is in use too; on AWS, and to the provider, which waits
and tries again, these are two errors.

AWS: Secrets Manager user guide, "Delete an AWS Secrets Manager secret"
(https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html), and API reference,
`CreateSecret`, InvalidRequestException, with the message that users report
(https://github.com/redpanda-data/console/issues/1835, read 2026-11-28); `RestoreSecret` takes it back.
"""

from __future__ import annotations

from emulator.refusals._requests import Request, Response, before, json_error
from emulator.shims._patching import part, service


def apply() -> None:
    """Look at the names before a secret is created."""
    before(service("services.secretsmanager"), refuse)


def refuse(request: Request) -> Response | None:
    """The refusal of a request, or None."""
    if request.action != "CreateSecret":
        return None
    there = part(service("services.secretsmanager"), "_secrets").get(request.json.get("Name", "")) or {}
    if not there.get("DeletedDate"):
        return None
    return json_error(
        "InvalidRequestException",
        "You can't create this secret because a secret with this name is already scheduled for deletion.",
    )
