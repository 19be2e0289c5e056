"""Front doors: the routes of APIs that somebody else can pass.

A route must have an authorizer whose tokens come from the user pool of the API's own owner
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html), and nobody may make
themselves a user of that pool
(https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminCreateUserConfigType.html).
An API that is made with a target has a route of its own, `$default`, that anybody may call
(https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html). A WebSocket API is authorized once, when a
client connects (https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from isolation.model.caller import ANONYMOUS, FOREIGN
from isolation.network.path import NetworkPath
from isolation.synthesized.json_blocks import as_blocks, only_block
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

_CONNECT: Final = "$connect"
"""The route by which a client connects to a WebSocket API."""


def front_doors(stack: SynthesizedStack) -> Iterator[NetworkPath]:
    """Return the ways that the HTTP APIs of `stack` open."""
    for api in stack.all("aws_apigatewayv2_api"):
        if api.body.get("target") is not None or api.body.get("route_key") is not None:
            story = (f"{api.address}: anybody may call the route that it is made with",)
            yield NetworkPath(ANONYMOUS, api.owner, certain=True, story=story, kind="api")
    connects = [
        route.body.get("api_id")
        for route in stack.all("aws_apigatewayv2_route")
        if route.body.get("route_key") == _CONNECT
    ]
    for route in stack.all("aws_apigatewayv2_route"):
        kind = route.body.get("authorization_type", "NONE")
        if _authorized_at_connect(stack, route, connects):
            continue
        if kind == "NONE":
            story = (f"{route.address}: anybody may call it, it has no authorizer",)
            yield NetworkPath(ANONYMOUS, route.owner, certain=True, story=story, kind="api")
        elif kind == "JWT":
            yield from _tokens(stack, route)
        elif kind != "AWS_IAM":
            story = (f"{route.address}: authorization {kind} is not modelled",)
            yield NetworkPath(FOREIGN, route.owner, certain=False, story=story, kind="api")


def _authorized_at_connect(
    stack: SynthesizedStack, route: SynthesizedResource, connects: Collection[object]
) -> bool:
    """Whether a client that gets to `route` has passed another one, which is judged by itself."""
    api = stack.resource_at(route.body.get("api_id"))
    return (
        api is not None
        and api.body.get("protocol_type") == "WEBSOCKET"
        and route.body.get("route_key") != _CONNECT
        and route.body.get("api_id") in connects
    )


def _tokens(stack: SynthesizedStack, route: SynthesizedResource) -> Iterator[NetworkPath]:
    authorizer = stack.resource_at(route.body.get("authorizer_id"))
    settings = as_blocks(authorizer.body.get("jwt_configuration")) if authorizer else []
    issuer = stack.text(settings[0].get("issuer", "")) if settings else ""
    pools = {f"https://⟦{pool.address}.endpoint⟧": pool for pool in stack.all("aws_cognito_user_pool")}
    pool = pools.get(issuer)
    is_jwt = authorizer is not None and authorizer.body.get("authorizer_type") == "JWT"
    if pool is None or not is_jwt or not settings[0].get("audience"):
        story = (f"{route.address}: whose tokens it takes is not known (issuer {issuer or 'none'})",)
        yield NetworkPath(FOREIGN, route.owner, certain=False, story=story, kind="api")
    elif pool.owner != route.owner:
        story = (f"{route.address} takes tokens of {pool.address}",)
        yield NetworkPath(pool.owner or FOREIGN, route.owner, certain=True, story=story, kind="api")
    else:
        yield from _open_sign_up(pool, route)


def _open_sign_up(pool: SynthesizedResource, route: SynthesizedResource) -> Iterator[NetworkPath]:
    """Return the way of whoever signs up by themselves. A function may refuse them, and what it does is not known."""
    settings = only_block(pool.body.get("admin_create_user_config"))
    if settings.get("allow_admin_create_user_only") not in (True, "true"):
        certain = "pre_sign_up" not in only_block(pool.body.get("lambda_config"))
        story = (f"{route.address} takes tokens of {pool.address}, where anybody may sign up",)
        yield NetworkPath(ANONYMOUS, route.owner, certain=certain, story=story, kind="api")
