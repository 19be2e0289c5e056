"""In a session of a role, `aws:PrincipalArn` is the ARN of the role.

MiniStack gives the session's own ARN (`...:assumed-role/name/session`), so that a condition that names the role is
never met.

AWS: IAM user guide, "AWS global condition context keys", aws:PrincipalArn: for a role it is the ARN of the role, not
that of the session.
"""

import re
from typing import Any

from emulator.shims._patching import part, service, wrap

KEY = "aws:principalarn"
SESSION = re.compile(r"arn:(?P<partition>[a-z-]+):sts::(?P<account>[0-9]+):assumed-role/(?P<role>[^/]+)/.+")


def apply() -> None:
    """Look the session's role up."""
    roles = part(service("services.iam"), "_roles")

    def resolve(original: Any, key: str, context: Any) -> Any:  # noqa: ANN401
        value = original(key, context)
        session = SESSION.fullmatch(str(value)) if key.lower() == KEY else None
        if session is None:
            return value
        # A role may have a path, which the session's ARN leaves out.
        role = roles.get(session["role"], {})
        return (
            role.get("Arn") or f"arn:{session['partition']}:iam::{session['account']}:role/{session['role']}"
        )

    wrap(service("core.iam_evaluator"), "_resolve_condition_key", resolve)
