"""A client token makes the creation of an ECS service idempotent.

MiniStack ignores the token and refuses a request that is sent again, because the service exists.

AWS: ECS API reference, "Ensuring idempotency"
(https://docs.aws.amazon.com/AmazonECS/latest/APIReference/ECS_Idempotency.html): CreateService takes a token; a
retry with the same token and parameters succeeds without further actions, one with other parameters fails with
ConflictException. A token is unique within its cluster.
"""

from typing import Any

from emulator.shims._patching import part, service, wrap_action
from emulator.shims._tokens import Answers

MISMATCH = "The client token was used before, with other parameters."


def apply() -> None:
    """Answer a request that was answered before without carrying it out again."""
    ecs = service("services.ecs")
    error = part(ecs, "error_response_json")
    answers = Answers(ecs)

    def create(original: Any, request: dict[str, Any]) -> Any:  # noqa: ANN401
        token = request.get("clientToken")
        if not token:
            return original(request)
        return answers.once(
            f"{request.get('cluster', 'default')} {token}",
            dict(request),
            lambda: original(request),
            lambda: error("ConflictException", MISMATCH, 400),
        )

    wrap_action(ecs, "_ACTION_MAP", "CreateService", create)
