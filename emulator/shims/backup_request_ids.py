"""A request to AWS Backup that is sent again makes nothing a second time.

MiniStack keeps the ids of requests and looks at none: a job, a plan and a selection are there twice.

AWS: Backup API reference, `StartBackupJob` ("Retrying a successful request with the same idempotency token results in a
success message with no action taken"), `CreateBackupPlan` ("If the request includes a CreatorRequestId that matches an
existing backup plan, that plan is returned") and `CreateBackupSelection`
(https://docs.aws.amazon.com/aws-backup/latest/devguide/API_StartBackupJob.html, read 2026-11-28). `StartRestoreJob` and
`StartCopyJob` say the same of their tokens; MiniStack has neither.
"""

from __future__ import annotations

import json
from typing import Any

from emulator.shims._patching import part, service, wrap


def apply() -> None:
    """Answer what was answered before without carrying it out again."""
    backup = service("services.backup")
    for handler, kept, token, field in (
        ("_start_job", "_jobs", "IdempotencyToken", "BackupJobId"),
        ("_create_plan", "_plans", "CreatorRequestId", "BackupPlanId"),
        ("_create_selection", "_selections", "CreatorRequestId", "SelectionId"),
    ):
        _once(backup, handler, kept, token, field)


def _once(backup: Any, handler: str, kept: str, token: str, field: str) -> None:  # noqa: ANN401
    there, answers = part(backup, kept), part(backup, "AccountRegionScopedDict")()

    def handle(original: Any, *given: Any) -> Any:  # noqa: ANN401
        named = given[-1].get(token)
        if not named:
            return original(*given)
        # Of a selection, each plan has its own.
        key = json.dumps([*given[:-1], named])
        if key in answers and answers[key][0] in there:
            return answers[key][1]
        answer = original(*given)
        if answer[0] == 200:  # noqa: PLR2004
            answers[key] = (json.loads(answer[2])[field], answer)
        return answer

    wrap(backup, handler, handle)
