"""A function's code has the credentials of its role, also where IAM is not enforced.

MiniStack gives it the account's root then, for whom key policies decide differently.

AWS: Lambda developer guide, "Defining Lambda function permissions with an execution role": the function assumes the
role when it is invoked, and its environment holds the session's keys.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from emulator.shims._patching import part, service, wrap


def apply() -> None:
    """Give each function a session of its role."""
    register = part(service("services.sts"), "register_session")

    def credentials(original: Any, config: Mapping[str, Any]) -> dict[str, str]:  # noqa: ANN401
        made: dict[str, str] = original(config)
        role = str(config.get("Role") or "")
        if made["AWS_ACCESS_KEY_ID"].startswith("ASIA") or not role:
            return made
        account, name = role.split(":")[4], role.rpartition("/")[2]
        function = config["FunctionName"]
        key, secret, token = (
            hashlib.sha256(f"{kind}:{config['FunctionArn']}:{role}".encode()).hexdigest()
            for kind in ("key", "secret", "token")
        )
        key = f"ASIA{key[:16].upper()}"
        session = {
            "Arn": f"arn:aws:sts::{account}:assumed-role/{name}/{function}",
            "UserId": f"{name}:{function}",
            "SecretAccessKey": secret,
            "SessionToken": token,
        }
        register(key, session)
        return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}

    runtime, functions = service("core.lambda_runtime"), service("services.lambda_svc")
    wrap(runtime, "execution_credentials", credentials)
    wrap(functions, "execution_credentials", credentials)
