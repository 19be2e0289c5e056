"""Lambda asks KMS whether the caller may use the key of a function's environment.

MiniStack stores the key's ARN, asks nobody, and shows the environment to everybody.

AWS: Lambda developer guide, "Securing Lambda environment variables"
(https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html): whoever configures a customer
managed key needs `CreateGrant` and `Encrypt`, whoever views or manages the variables `Decrypt`; without it they are
shown as an error. The function itself decrypts by the grant. The encryption context is `aws:lambda:FunctionArn`.
"""

from __future__ import annotations

import json

from emulator.refusals._kms import CREATE_GRANT, Use, caller, denial
from emulator.refusals._requests import Request, Response, after, before, json_error
from emulator.shims._patching import part, service

FUNCTIONS = "functions"


def apply() -> None:
    """Ask before an environment is encrypted and before it is shown."""
    functions = service("services.lambda_svc")
    after(functions, _without_environment)
    before(functions, refuse)


def refuse(request: Request) -> Response | None:
    """The refusal of a request, or None."""
    name = _changed_function(request)
    if name is None:
        return None
    known = (part(service("services.lambda_svc"), "_functions").get(name) or {}).get("config") or {}
    key = request.json.get("KMSKeyArn", known.get("KMSKeyArn"))
    environment = request.json.get("Environment", known.get("Environment")) or {}
    if not environment.get("Variables"):
        return None
    context = {"aws:lambda:FunctionArn": _arn(name)}
    uses = (Use(action=action, context=context) for action in (CREATE_GRANT, "Encrypt"))
    problem = denial(caller(request), key, "lambda", *uses)
    if problem is None:
        return None
    return json_error(
        "InvalidParameterValueException",
        f"Lambda was unable to configure access to your environment variables because KMS access was denied: {problem}",
    )


def _changed_function(request: Request) -> str | None:
    """The function whose configuration a request writes."""
    segments = request.path.strip("/").split("/")
    if segments[1:] == [FUNCTIONS] and request.method == "POST":
        return str(request.json.get("FunctionName", "")).rpartition(":")[2]
    if segments[1:2] == [FUNCTIONS] and segments[3:] == ["configuration"] and request.method == "PUT":
        return segments[2].rpartition(":")[2]
    return None


def _without_environment(request: Request, answer: Response) -> Response:
    status, headers, body = answer
    segments = request.path.strip("/").split("/")
    if request.method != "GET" or segments[1:2] != [FUNCTIONS] or segments[3:] not in ([], ["configuration"]):
        return answer
    try:
        shown = json.loads(body)
    except ValueError:
        return answer
    for config in (shown, shown.get("Configuration"), *(shown.get("Functions") or ())):
        if not isinstance(config, dict) or not (config.get("Environment") or {}).get("Variables"):
            continue
        use = Use(action="Decrypt", context={"aws:lambda:FunctionArn": _arn(config["FunctionName"])})
        if problem := denial(caller(request), config.get("KMSKeyArn"), "lambda", use):
            config["Environment"] = {"Error": {"ErrorCode": "AccessDeniedException", "Message": problem}}
    return status, headers, json.dumps(shown).encode()


def _arn(name: str) -> str:
    responses = service("core.responses")
    region, account = part(responses, "get_region")(), part(responses, "get_account_id")()
    return f"arn:aws:lambda:{region}:{account}:function:{name}"
