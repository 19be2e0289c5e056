"""The tenant's HTTP API."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import pytest

from config.profiles import DEVELOPMENT, PRODUCTION, SignIn
from config.registry.tenants import ApiAuthorization
from constructs.silo.http_api import HttpApi, HttpApiProps
from tenancy.protection import Protection
from tests.construct import DISPOSABLE, PROTECTED, SILO, Surroundings, alone
from tests.synthesis import StackDocument


@cache
def api(
    authorization: ApiAuthorization = "jwt",
    protection: Protection = DISPOSABLE,
    sign_in: SignIn = DEVELOPMENT.sign_in,
) -> StackDocument:
    def build(around: Surroundings) -> None:
        props = HttpApiProps(
            names=SILO.names,
            function=around.function,
            authorization=authorization,
            sign_in=sign_in,
            requests_per_second=70,
            request_burst=140,
            key=around.key,
            log_retention_days=7,
            protection=protection,
        )
        created = HttpApi(around.stack, "http_api", props)
        around.output("endpoint", created.endpoint)

    return alone(build)


def of_api(body: dict[str, Any]) -> dict[str, Any]:
    """`body` without the API that it belongs to."""
    assert body.pop("api_id") == api().reference("aws_apigatewayv2_api", attribute="id")
    return body


def test_it_is_an_http_api() -> None:
    assert api().one("aws_apigatewayv2_api") == {
        "name": "tenant-acme-corp-http-test",
        "protocol_type": "HTTP",
        "description": "The tenant's API",
    }


def test_the_only_route_wants_a_token_of_this_tenants_users() -> None:
    stack = api()
    integration = stack.reference("aws_apigatewayv2_integration", attribute="id")
    assert of_api(stack.one("aws_apigatewayv2_route")) == {
        "route_key": "$default",
        "target": f"integrations/{integration}",
        "authorization_type": "JWT",
        "authorizer_id": stack.reference("aws_apigatewayv2_authorizer", attribute="id"),
        "authorization_scopes": ["aws.cognito.signin.user.admin"],
    }
    pool = stack.reference("aws_cognito_user_pool", attribute="endpoint")
    assert of_api(stack.one("aws_apigatewayv2_authorizer")) == {
        "name": "user-pool",
        "authorizer_type": "JWT",
        "identity_sources": ["$request.header.Authorization"],
        "jwt_configuration": {
            "audience": [stack.reference("aws_cognito_user_pool_client", attribute="id")],
            "issuer": f"https://{pool}",
        },
    }


def test_signed_requests_need_no_user_pool() -> None:
    stack = api("iam")
    route = stack.one("aws_apigatewayv2_route")
    assert route["authorization_type"] == "AWS_IAM"
    assert not {"authorizer_id", "authorization_scopes"} & route.keys()
    assert not stack.all("aws_cognito_user_pool")
    assert not stack.all("aws_apigatewayv2_authorizer")


def test_users_sign_in_with_a_password_alone_where_nothing_else_is_asked_for() -> None:
    pool = api().one("aws_cognito_user_pool")
    assert (pool["mfa_configuration"], pool["user_pool_tier"]) == ("OFF", "ESSENTIALS")
    assert not {"software_token_mfa_configuration", "user_pool_add_ons"} & pool.keys()


def test_production_asks_for_a_second_factor_and_looks_for_stolen_sign_ins() -> None:
    pool = api(sign_in=PRODUCTION.sign_in).one("aws_cognito_user_pool")
    assert pool["mfa_configuration"] == "ON"
    assert pool["software_token_mfa_configuration"] == {"enabled": True}
    assert pool["user_pool_add_ons"] == {"advanced_security_mode": "ENFORCED"}
    assert pool["user_pool_tier"] == "PLUS"


def test_the_second_factor_and_threat_protection_are_settable() -> None:
    pool = api(sign_in=SignIn(mfa="optional", threat_protection="audit")).one("aws_cognito_user_pool")
    assert (pool["mfa_configuration"], pool["user_pool_tier"]) == ("OPTIONAL", "PLUS")
    assert pool["software_token_mfa_configuration"] == {"enabled": True}
    assert pool["user_pool_add_ons"] == {"advanced_security_mode": "AUDIT"}


@pytest.mark.parametrize("authorization", ["jwt", "iam"])
def test_no_route_is_anonymous(authorization: ApiAuthorization) -> None:
    routes = api(authorization).all("aws_apigatewayv2_route").values()
    assert [route["authorization_type"] for route in routes] in (["JWT"], ["AWS_IAM"])


def test_nobody_signs_up_alone_or_with_a_weak_password() -> None:
    assert api().one("aws_cognito_user_pool") == {
        "name": "tenant-acme-corp-users-test",
        "deletion_protection": "INACTIVE",
        "admin_create_user_config": {"allow_admin_create_user_only": True},
        "password_policy": {
            "minimum_length": 14,
            "require_lowercase": True,
            "require_numbers": True,
            "require_symbols": True,
            "require_uppercase": True,
            "temporary_password_validity_days": 7,
        },
        "mfa_configuration": "OFF",
        "user_pool_tier": "ESSENTIALS",
    }


def test_a_client_sends_no_password_in_plain_and_learns_of_no_user() -> None:
    client = api().one("aws_cognito_user_pool_client")
    assert client["name"] == "tenant-acme-corp-http-test"
    assert client["user_pool_id"] == api().reference("aws_cognito_user_pool", attribute="id")
    assert client["explicit_auth_flows"] == [
        "ALLOW_ADMIN_USER_PASSWORD_AUTH",
        "ALLOW_REFRESH_TOKEN_AUTH",
        "ALLOW_USER_SRP_AUTH",
    ]
    assert client["prevent_user_existence_errors"] == "ENABLED"
    assert client["generate_secret"] is False


def test_tokens_live_an_hour_and_can_be_revoked() -> None:
    client = api().one("aws_cognito_user_pool_client")
    assert client["enable_token_revocation"] is True
    assert (client["access_token_validity"], client["id_token_validity"]) == (60, 60)
    assert client["token_validity_units"] == [{"access_token": "minutes", "id_token": "minutes"}]


def test_protected_users_are_kept() -> None:
    pool = api(protection=PROTECTED).one("aws_cognito_user_pool")
    assert pool["deletion_protection"] == "ACTIVE"
    assert pool["lifecycle"] == {"prevent_destroy": True}


def test_requests_are_throttled_and_logged_as_json() -> None:
    stage = of_api(api().one("aws_apigatewayv2_stage"))
    settings = stage.pop("access_log_settings")
    assert stage == {
        "name": "$default",
        "auto_deploy": True,
        "default_route_settings": {"throttling_burst_limit": 140, "throttling_rate_limit": 70},
    }
    group = api().reference("aws_cloudwatch_log_group", "http_api")
    assert settings["destination_arn"] == group
    assert json.loads(settings["format"]) == {
        "requestId": "$context.requestId",
        "requestTime": "$context.requestTime",
        "sourceIp": "$context.identity.sourceIp",
        "httpMethod": "$context.httpMethod",
        "path": "$context.path",
        "routeKey": "$context.routeKey",
        "status": "$context.status",
        "protocol": "$context.protocol",
        "responseLength": "$context.responseLength",
        "responseLatency": "$context.responseLatency",
        "integrationError": "$context.integrationErrorMessage",
        "authorizerError": "$context.authorizer.error",
    }, "no token and no header"


def test_the_access_logs_format_is_serialised_canonically() -> None:
    text = api().one("aws_apigatewayv2_stage")["access_log_settings"]["format"]
    assert text == json.dumps(json.loads(text), sort_keys=True)


def test_the_access_log_is_encrypted_and_exempt_from_the_limit_of_resource_policies() -> None:
    assert api().one("aws_cloudwatch_log_group", "http_api") == {
        "name": "/aws/vendedlogs/apigateway/tenant-acme-corp-http-test",
        "retention_in_days": 7,
        "kms_key_id": api().reference("aws_kms_key"),
    }


def test_only_this_api_invokes_the_function_and_only_through_its_route() -> None:
    stack = api()
    permission = stack.one("aws_lambda_permission")
    assert permission["statement_id"] == "AllowHttpApiInvoke"
    assert permission["principal"] == "apigateway.amazonaws.com"
    execution = stack.reference("aws_apigatewayv2_api", attribute="execution_arn")
    assert permission["source_arn"] == f"{execution}/*/$default"
    assert of_api(stack.one("aws_apigatewayv2_integration")) == {
        "integration_type": "AWS_PROXY",
        "integration_uri": stack.reference("aws_lambda_function", attribute="invoke_arn"),
        "payload_format_version": "2.0",
    }


def test_clients_call_the_stage() -> None:
    stage = api().reference("aws_apigatewayv2_stage", attribute="invoke_url")
    assert api().document["output"]["endpoint"]["value"] == stage
