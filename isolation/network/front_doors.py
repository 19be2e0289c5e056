"""Front doors: the routes of HTTP APIs that somebody else can pass.

A route must have an authorizer whose tokens come from the user pool of the API's own owner.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html
"""

from __future__ import annotations

from collections.abc import Iterator

from isolation.model.caller import ANONYMOUS, FOREIGN
from isolation.network.path import NetworkPath
from isolation.synthesized.json_blocks import as_blocks
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack


def front_doors(stack: SynthesizedStack) -> Iterator[NetworkPath]:
    """Return the ways that the HTTP APIs of `stack` open."""
    for route in stack.all("aws_apigatewayv2_route"):
        kind = route.body.get("authorization_type", "NONE")
        if kind == "NONE":
            story = (f"{route.address}: anybody may call it, it has no authorizer",)
            yield NetworkPath(ANONYMOUS, route.owner, certain=True, story=story, kind="api")
        elif kind == "JWT":
            yield from _tokens(stack, route)
        elif kind != "AWS_IAM":
            story = (f"{route.address}: authorization {kind} is not modelled",)
            yield NetworkPath(FOREIGN, route.owner, certain=False, story=story, kind="api")


def _tokens(stack: SynthesizedStack, route: SynthesizedResource) -> Iterator[NetworkPath]:
    authorizer = stack.resource_at(route.body.get("authorizer_id"))
    settings = as_blocks(authorizer.body.get("jwt_configuration")) if authorizer else []
    issuer = stack.text(settings[0].get("issuer", "")) if settings else ""
    pools = {f"https://⟦{pool.address}.endpoint⟧": pool for pool in stack.all("aws_cognito_user_pool")}
    pool = pools.get(issuer)
    if pool is None or not settings or not settings[0].get("audience"):
        story = (f"{route.address}: whose tokens it takes is not known (issuer {issuer or 'none'})",)
        yield NetworkPath(FOREIGN, route.owner, certain=False, story=story, kind="api")
    elif pool.owner != route.owner:
        story = (f"{route.address} takes tokens of {pool.address}",)
        yield NetworkPath(pool.owner or FOREIGN, route.owner, certain=True, story=story, kind="api")
