"""The tenant's HTTP API."""

from __future__ import annotations

import json

import pytest

from tests.synthesis import PRODUCTION, silo


def test_the_only_route_wants_a_token_of_this_tenants_users() -> None:
    stack = silo()
    route = stack.one("aws_apigatewayv2_route")
    assert route["route_key"] == "$default"
    assert route["authorization_type"] == "JWT"
    assert route["authorizer_id"] == f"${{{stack.address('aws_apigatewayv2_authorizer')}.id}}"
    authorizer = stack.one("aws_apigatewayv2_authorizer")
    pool, client = stack.address("aws_cognito_user_pool"), stack.address("aws_cognito_user_pool_client")
    assert authorizer["jwt_configuration"] == {
        "audience": [f"${{{client}.id}}"],
        "issuer": f"https://${{{pool}.endpoint}}",
    }
    assert authorizer["identity_sources"] == ["$request.header.Authorization"]


def test_signed_requests_need_no_user_pool() -> None:
    stack = silo(api_authorization="iam")
    assert stack.one("aws_apigatewayv2_route")["authorization_type"] == "AWS_IAM"
    assert not stack.all("aws_cognito_user_pool")
    assert not stack.all("aws_apigatewayv2_authorizer")


@pytest.mark.parametrize("authorization", ["jwt", "iam"])
def test_no_route_is_anonymous(authorization: str) -> None:
    routes = silo(api_authorization=authorization).all("aws_apigatewayv2_route").values()
    assert {route["authorization_type"] for route in routes} <= {"JWT", "AWS_IAM"}
    assert routes


def test_nobody_signs_up_alone() -> None:
    pool = silo().one("aws_cognito_user_pool")
    assert pool["admin_create_user_config"] == {"allow_admin_create_user_only": True}
    assert pool["password_policy"]["minimum_length"] == 14
    client = silo().one("aws_cognito_user_pool_client")
    assert client["prevent_user_existence_errors"] == "ENABLED"
    assert "ALLOW_USER_PASSWORD_AUTH" not in client["explicit_auth_flows"]


def test_production_keeps_the_users() -> None:
    assert silo().one("aws_cognito_user_pool")["deletion_protection"] == "INACTIVE"
    production = silo(**PRODUCTION).one("aws_cognito_user_pool")
    assert production["deletion_protection"] == "ACTIVE"
    assert production["lifecycle"] == {"prevent_destroy": True}


def test_requests_are_throttled_and_logged_as_json() -> None:
    stack = silo()
    stage = stack.one("aws_apigatewayv2_stage")
    assert stage["name"] == "$default"
    assert stage["default_route_settings"] == {"throttling_burst_limit": 100, "throttling_rate_limit": 50}
    log_format = json.loads(stage["access_log_settings"]["format"])
    assert {"requestId", "status", "routeKey"} <= set(log_format)
    assert not [
        value for value in log_format.values() if "header" in value.lower() or "token" in value.lower()
    ]
    group = stack.one("aws_cloudwatch_log_group", "http_api")
    assert group["name"] == "/aws/vendedlogs/apigateway/tenant-acme-corp-http-test"
    assert group["kms_key_id"] == f"${{{stack.address('aws_kms_key')}.arn}}"


def test_only_this_api_invokes_the_function() -> None:
    stack = silo()
    permission = stack.one("aws_lambda_permission", "api_function")
    assert permission["principal"] == "apigateway.amazonaws.com"
    assert (
        permission["source_arn"] == f"${{{stack.address('aws_apigatewayv2_api')}.execution_arn}}/*/$default"
    )
    integration = stack.one("aws_apigatewayv2_integration")
    assert integration["payload_format_version"] == "2.0"
    assert integration["integration_uri"] == f"${{{stack.address('aws_lambda_function', 'api')}.invoke_arn}}"


def test_tokens_live_an_hour_and_can_be_revoked() -> None:
    client = silo().one("aws_cognito_user_pool_client")
    assert client["enable_token_revocation"] is True
    assert (client["access_token_validity"], client["id_token_validity"]) == (60, 60)
    assert client["token_validity_units"] == [{"access_token": "minutes", "id_token": "minutes"}]
    assert client["generate_secret"] is False
    assert client["prevent_user_existence_errors"] == "ENABLED"
