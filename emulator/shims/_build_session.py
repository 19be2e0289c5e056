"""A session of a project's service role, which CodeBuild starts for each build."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from emulator.shims._patching import part, service

PRINCIPAL = "codebuild.amazonaws.com"


class NoSessionError(Exception):
    """The role does not exist, or does not trust CodeBuild."""


def session(role_arn: str, name: str) -> dict[str, str]:
    """Return the keys of a session, as variables of an environment.

    Raises:
        NoSessionError: CodeBuild may not assume the role.
    """
    role_name = role_arn.rpartition("/")[2]
    role = part(service("services.iam"), "_roles").get(role_name)
    if role is None or not _trusts(role):
        raise NoSessionError(
            f"CodeBuild is not authorized to perform: sts:AssumeRole on service role {role_arn}"
        )
    key, secret, token = (uuid.uuid4().hex for _ in range(3))
    key = f"ASIA{key[:16].upper()}"
    part(service("services.sts"), "register_session")(
        key,
        {
            "Arn": f"arn:aws:sts::{role_arn.split(':')[4]}:assumed-role/{role_name}/{name}",
            "UserId": f"{role_name}:{name}",
            "SecretAccessKey": secret,
            "SessionToken": token,
        },
    )
    return {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token}


def _trusts(role: Mapping[str, Any]) -> bool:
    document = role["AssumeRolePolicyDocument"]
    statements = (json.loads(document) if isinstance(document, str) else document)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal")
        named = principal.get("Service", ()) if isinstance(principal, Mapping) else ()
        if statement["Effect"] == "Allow" and PRINCIPAL in ([named] if isinstance(named, str) else named):
            return True
    return False
