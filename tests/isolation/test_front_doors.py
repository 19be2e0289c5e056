"""Front doors that are not open, and those of which it is not known."""

from __future__ import annotations

from isolation.verdict.analysis import analyse
from tests.isolation.holes.doors import sign_up_is_open, sockets
from tests.isolation.holes.editing import ACME, add, name_of, resource
from tests.isolation.stacks import documents

CELL = ("(anonymous)", "acme-corp", "api")


def test_a_socket_is_authorized_when_a_client_connects() -> None:
    stacks = documents()
    sockets(stacks, connect={"authorization_type": "AWS_IAM"}, default={}, disconnect={})
    assert analyse(stacks).verdict == "PROVED"


def test_a_pool_whose_users_only_the_administrator_makes_may_say_so_as_text() -> None:
    stacks = documents()
    pool = resource(stacks, ACME, "aws_cognito_user_pool")
    pool["admin_create_user_config"] = [{"allow_admin_create_user_only": "true"}]
    assert analyse(stacks).verdict == "PROVED"


def test_another_pool_may_be_open_while_no_route_takes_its_tokens() -> None:
    stacks = documents()
    add(stacks, ACME, "aws_cognito_user_pool", "public", {"name": "newsletter"})
    assert analyse(stacks).verdict == "PROVED"


def test_a_function_that_decides_who_signs_up_is_not_known() -> None:
    stacks = documents()
    sign_up_is_open(stacks)
    function = f"${{aws_lambda_function.{name_of(stacks, ACME, 'aws_lambda_function', 'api')}.arn}}"
    resource(stacks, ACME, "aws_cognito_user_pool")["lambda_config"] = {"pre_sign_up": function}
    assert analyse(stacks).findings[CELL].verdict == "UNKNOWN"


def test_an_api_from_an_openapi_document_and_a_function_that_authorizes_are_unknown() -> None:
    stacks = documents()
    resource(stacks, ACME, "aws_apigatewayv2_api")["body"] = "{}"
    assert analyse(stacks).verdict == "UNKNOWN"
    stacks = documents()
    resource(stacks, ACME, "aws_apigatewayv2_authorizer")["authorizer_type"] = "REQUEST"
    assert analyse(stacks).findings["(foreign account)", "acme-corp", "api"].verdict == "UNKNOWN"
