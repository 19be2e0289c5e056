"""A client request token names a version of a secret, and makes the request that writes it idempotent.

MiniStack refuses the creation of a secret that is sent again, names the first version at random, and lets a second
write with the same token change a version.

AWS: Secrets Manager API reference, `CreateSecret` and `PutSecretValue`, "ClientRequestToken"
(https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html,
https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html): the token becomes the version's
id; if a version with that id holds the same value, the request is ignored; if it holds another one, the request fails,
because a version cannot be modified (ResourceExistsException).
"""

import json
from typing import Any

from emulator.shims._patching import part, service, wrap

VALUES = ("SecretString", "SecretBinary")
CHANGED = "You can't use ClientRequestToken {token} because that value is already in use for a version of secret {arn}."


def apply() -> None:
    """Compare a write with the version that its token names."""
    manager = service("services.secretsmanager")
    secrets, resolve = part(manager, "_secrets"), part(manager, "_resolve")
    error, answer = part(manager, "error_response_json"), part(manager, "json_response")

    def repeated(secret: Any, request: Any) -> Any:  # noqa: ANN401
        """Answer a request whose version exists already; None for any other."""
        token = request.get("ClientRequestToken")
        version = secret["Versions"].get(token) if secret and not secret.get("DeletedDate") else None
        # A rotation makes its version without a value, which its function then writes.
        if version is None or all(version.get(name) is None for name in VALUES):
            return None
        if any(version.get(name) != request.get(name) for name in VALUES):
            return error("ResourceExistsException", CHANGED.format(token=token, arn=secret["ARN"]), 400)
        return answer(
            {
                "ARN": secret["ARN"],
                "Name": secret["Name"],
                "VersionId": token,
                "VersionStages": list(version["Stages"]),
            }
        )

    def create(original: Any, request: Any) -> Any:  # noqa: ANN401
        token = request.get("ClientRequestToken")
        if not token or not any(request.get(name) for name in VALUES):
            return original(request)
        known = repeated(secrets.get(request.get("Name")), request)
        if known is not None:
            return known
        status, headers, body = original(request)
        made = json.loads(body)
        if "VersionId" in made:
            versions = secrets[made["Name"]]["Versions"]
            versions[token] = versions.pop(made["VersionId"])
            body = json.dumps(made | {"VersionId": token}).encode()
        return status, headers, body

    def put(original: Any, request: Any) -> Any:  # noqa: ANN401
        _, secret = resolve(request.get("SecretId"))
        known = repeated(secret, request)
        return original(request) if known is None else known

    wrap(manager, "_create_secret", create)
    wrap(manager, "_put_secret_value", put)
