"""Each decision about a request of a role or user is written down, in `authorizations.jsonl` of the emulator's folder.

MiniStack says of a refused request what was refused, and of an allowed one nothing. AWS says both: CloudTrail user
guide, "CloudTrail record contents" (`eventName`, `errorCode`); IAM Access Analyzer makes policies of them.

One line is a JSON object: `principal` (the session's ARN), `action`, `resource`, `allowed`. Requests of the account's
root, and those that are let in without IAM, are not in it.
"""

import json
from pathlib import Path
from typing import Any

from emulator.shims._patching import part, service, wrap

RECORD = "authorizations.jsonl"


def apply() -> None:
    """Write each decision down; where it is asked for, `enforce` is looked up by name."""
    evaluator = service("core.iam_evaluator")
    root = part(evaluator, "_is_root_key")
    identity = part(evaluator, "resolve_caller_identity")

    def enforce(original: Any, access_key: str, action: str, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        denied = original(access_key, action, *arguments, **named)
        caller = None if root(access_key or "") else identity(access_key or "")
        if caller is not None:
            entry = {
                "principal": caller["userArn"],
                "action": action,
                "resource": named.get("resource_arn", "*"),
                "allowed": denied is None,
            }
            # The server's working directory is its folder.
            with Path(RECORD).open("a") as record:
                record.write(json.dumps(entry) + "\n")
        return denied

    wrap(evaluator, "enforce", enforce)
