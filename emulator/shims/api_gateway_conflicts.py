"""An HTTP API has one route with a key and one stage with a name.

MiniStack makes the second route, which no state knows, and overwrites the stage.

AWS: API Gateway V2 API reference, CreateRoute and CreateStage: 409 ConflictException, "The resource already exists"
(https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html,
https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html).
"""

from collections.abc import Callable
from typing import Any

from emulator.shims._patching import part, service, wrap

UNIQUE = (("_create_route", "_routes", "routeKey"), ("_create_stage", "_stages", "stageName"))
"""Per function: the table of what it makes by API, and the field that identifies one there."""


def apply() -> None:
    """Look for what the request would make, first."""
    gateway = service("services.apigateway")
    error = part(gateway, "_apigw_error")

    def once(tables: Any, field: str) -> Callable[..., Any]:  # noqa: ANN401
        def create(original: Any, api: str, request: dict[str, Any]) -> Any:  # noqa: ANN401
            wanted = request.get(field, "$default")
            if any(entry[field] == wanted for entry in tables.get(api, {}).values()):
                return error("ConflictException", f"{field} {wanted} already exists for API {api}", 409)
            return original(api, request)

        return create

    for function, table, field in UNIQUE:
        wrap(gateway, function, once(part(gateway, table), field))
