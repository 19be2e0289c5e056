"""A JWT authorizer has no payload format version.

MiniStack gives every authorizer version 2.0, which each plan wants to remove from a JWT authorizer.

AWS: API reference, API Gateway V2, `Authorizer`: "authorizerPayloadFormatVersion: Specifies the format of the
payload sent to an HTTP API Lambda authorizer. Required for HTTP API Lambda authorizers." The same holds for
authorizerUri, authorizerCredentialsArn, authorizerResultTtlInSeconds and enableSimpleResponses.
"""

from http import HTTPStatus
from typing import Any

from emulator.shims._patching import part, service, wrap

LAMBDA_ONLY = (
    "authorizerPayloadFormatVersion",
    "authorizerUri",
    "authorizerCredentialsArn",
    "authorizerResultTtlInSeconds",
    "enableSimpleResponses",
)


def apply() -> None:
    """Drop what only a Lambda authorizer has, unless it was asked for."""
    apigateway = service("services.apigateway")
    authorizers, respond = part(apigateway, "_authorizers"), part(apigateway, "_apigw_response")

    def create(original: Any, api_id: str, request: dict[str, Any]) -> Any:  # noqa: ANN401
        known = set(authorizers.get(api_id, {}))
        answer = original(api_id, request)
        for authorizer_id, authorizer in authorizers.get(api_id, {}).items():
            if authorizer_id not in known and authorizer["authorizerType"] == "JWT":
                for field in LAMBDA_ONLY:
                    if field not in request:
                        authorizer.pop(field, None)
                answer = respond(authorizer, HTTPStatus.CREATED)
        return answer

    wrap(apigateway, "_create_authorizer", create)
