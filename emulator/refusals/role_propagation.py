"""Lambda does not see a role at once that IAM has just made.

MiniStack sees it. Optional: it makes each first function of a role one attempt slower. What is seconds on AWS is a
number of attempts here, so that a test does not depend on the machine.

AWS: IAM user guide, "Troubleshoot IAM: Changes that I make are not always immediately visible"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html); Lambda API reference, `CreateFunction`,
InvalidParameterValueException. The provider tries again for this message.
"""

from __future__ import annotations

from emulator.refusals._requests import Request, Response, before, json_error
from emulator.shims._patching import part, service

ATTEMPTS = 1
"""How many functions are refused for a new role."""
_SEEN = "_emulator_seen_by_lambda"


def apply() -> None:
    """Refuse the first function of a role."""
    before(service("services.lambda_svc"), refuse)


def refuse(request: Request) -> Response | None:
    """The refusal of a request, or None."""
    if request.path.strip("/").split("/")[1:] != ["functions"] or request.method != "POST":
        return None
    name = str(request.json.get("Role", "")).rpartition("/")[2]
    role = part(service("services.iam"), "_roles").get(name)
    if role is None or role.get(_SEEN, 0) >= ATTEMPTS:
        return None
    role[_SEEN] = role.get(_SEEN, 0) + 1
    return json_error(
        "InvalidParameterValueException",
        "The role defined for the function cannot be assumed by Lambda.",
    )
