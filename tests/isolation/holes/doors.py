"""Holes in front doors: routes that anybody may call, and users that anybody may become."""

from __future__ import annotations

from tests.isolation.holes.editing import ACME, Documents, Json, add, name_of, resource
from tests.isolation.holes.hole import ANONYMOUS, A, Hole


def an_api_with_a_route_of_its_own(documents: Documents) -> None:
    api = resource(documents, ACME, "aws_apigatewayv2_api")
    api["target"] = (
        f"${{aws_lambda_function.{name_of(documents, ACME, 'aws_lambda_function', 'api')}.invoke_arn}}"
    )


def another_api_that_is_made_with_a_route(documents: Documents) -> None:
    target = f"${{aws_lambda_function.{name_of(documents, ACME, 'aws_lambda_function', 'api')}.arn}}"
    body = {"name": "quick", "protocol_type": "HTTP", "route_key": "GET /", "target": target}
    add(documents, ACME, "aws_apigatewayv2_api", "quick", body)


def sign_up_is_open(documents: Documents) -> None:
    pool = resource(documents, ACME, "aws_cognito_user_pool")
    pool["admin_create_user_config"]["allow_admin_create_user_only"] = False


def sign_up_is_open_by_default(documents: Documents) -> None:
    del resource(documents, ACME, "aws_cognito_user_pool")["admin_create_user_config"]


def sockets(documents: Documents, **routes: Json) -> None:
    """Add a WebSocket API with routes."""
    add(documents, ACME, "aws_apigatewayv2_api", "sockets", {"name": "s", "protocol_type": "WEBSOCKET"})
    for name, body in routes.items():
        route = {"api_id": "${aws_apigatewayv2_api.sockets.id}", "route_key": f"${name}", **body}
        add(documents, ACME, "aws_apigatewayv2_route", f"sockets_{name}", route)


def anybody_may_connect(documents: Documents) -> None:
    sockets(documents, connect={}, default={})


def nothing_is_asked_at_connect(documents: Documents) -> None:
    sockets(documents, default={})


HOLES = [
    Hole(an_api_with_a_route_of_its_own, ANONYMOUS, A, "api", "", "the route that it is made with"),
    Hole(another_api_that_is_made_with_a_route, ANONYMOUS, A, "api", "", "api.quick"),
    Hole(sign_up_is_open, ANONYMOUS, A, "api", "", "where anybody may sign up"),
    Hole(sign_up_is_open_by_default, ANONYMOUS, A, "api", "", "where anybody may sign up"),
    Hole(anybody_may_connect, ANONYMOUS, A, "api", "", "sockets_connect"),
    Hole(nothing_is_asked_at_connect, ANONYMOUS, A, "api", "", "sockets_default"),
]
