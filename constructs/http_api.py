"""One tenant's HTTP API: who may call it, how often, and what is written about it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from cdktf import TerraformResourceLifecycle
from cdktf_cdktf_provider_aws.apigatewayv2_api import Apigatewayv2Api
from cdktf_cdktf_provider_aws.apigatewayv2_authorizer import (
    Apigatewayv2Authorizer,
    Apigatewayv2AuthorizerJwtConfiguration,
)
from cdktf_cdktf_provider_aws.apigatewayv2_integration import Apigatewayv2Integration
from cdktf_cdktf_provider_aws.apigatewayv2_route import Apigatewayv2Route
from cdktf_cdktf_provider_aws.apigatewayv2_stage import (
    Apigatewayv2Stage,
    Apigatewayv2StageAccessLogSettings,
    Apigatewayv2StageDefaultRouteSettings,
)
from cdktf_cdktf_provider_aws.cloudwatch_log_group import CloudwatchLogGroup
from cdktf_cdktf_provider_aws.cognito_user_pool import (
    CognitoUserPool,
    CognitoUserPoolAdminCreateUserConfig,
    CognitoUserPoolPasswordPolicy,
)
from cdktf_cdktf_provider_aws.cognito_user_pool_client import (
    CognitoUserPoolClient,
    CognitoUserPoolClientTokenValidityUnits,
)

from config.naming import TenantNaming
from config.profiles import Unprotected
from config.registry import ApiAuthorization
from constructs import Construct
from constructs.customer_key import CustomerKey
from constructs.lambda_function import LambdaFunction

THROTTLE_REQUESTS_PER_SECOND: Final = 50
THROTTLE_BURST_REQUESTS: Final = 100
TOKEN_VALIDITY_MINUTES: Final = 60
PASSWORD_LENGTH: Final = 14

ACCESS_LOG_FIELDS: Final = {
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
}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html; no token, no header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpApiProps:
    """What answers, and who may ask.

    Attributes:
        naming: the tenant's names.
        function: answers every request.
        authorization: `jwt` (a token of the tenant's own user pool) or `iam` (a signed request).
        key: encrypts the access log.
        log_retention_days: as CloudWatch admits.
        unprotected: set where the user pool may be destroyed with its users.
    """

    naming: TenantNaming
    function: LambdaFunction
    authorization: ApiAuthorization
    key: CustomerKey
    log_retention_days: int
    unprotected: Unprotected | None


class HttpApi(Construct):
    """An HTTP API with one route, `$default`, that no anonymous request passes.

    Attributes:
        endpoint: the URL that a client calls.
        user_pool: of the tenant's users; `None` where requests are signed.
    """

    def __init__(self, scope: Construct, id: str, props: HttpApiProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self._api = Apigatewayv2Api(
            self,
            "api",
            name=props.naming.http_api,
            protocol_type="HTTP",
            description="The tenant's API",
        )
        self.user_pool: CognitoUserPool | None = None
        self._create_route(self._create_authorizer() if props.authorization == "jwt" else None)
        self.endpoint = self._create_stage().invoke_url
        props.function.admit(
            "invoked_by_http_api",
            statement_id="AllowHttpApiInvoke",
            service="apigateway.amazonaws.com",
            source_arn=f"{self._api.execution_arn}/*/$default",
        )

    def _create_authorizer(self) -> Apigatewayv2Authorizer:
        """Create the tenant's user pool, its client, and the check of their tokens."""
        naming = self._props.naming
        self.user_pool = CognitoUserPool(
            self,
            "user_pool",
            name=naming.user_pool,
            deletion_protection="INACTIVE" if self._props.unprotected else "ACTIVE",
            admin_create_user_config=CognitoUserPoolAdminCreateUserConfig(allow_admin_create_user_only=True),
            password_policy=CognitoUserPoolPasswordPolicy(
                minimum_length=PASSWORD_LENGTH,
                require_lowercase=True,
                require_numbers=True,
                require_symbols=True,
                require_uppercase=True,
                temporary_password_validity_days=7,
            ),
            lifecycle=(
                TerraformResourceLifecycle(prevent_destroy=True) if not self._props.unprotected else None
            ),
        )
        client = CognitoUserPoolClient(
            self,
            "user_pool_client",
            name=naming.http_api,
            user_pool_id=self.user_pool.id,
            generate_secret=False,
            explicit_auth_flows=[
                "ALLOW_ADMIN_USER_PASSWORD_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
                "ALLOW_USER_SRP_AUTH",
            ],
            prevent_user_existence_errors="ENABLED",
            enable_token_revocation=True,
            access_token_validity=TOKEN_VALIDITY_MINUTES,
            id_token_validity=TOKEN_VALIDITY_MINUTES,
            token_validity_units=[
                # Units of time, no passwords.
                CognitoUserPoolClientTokenValidityUnits(access_token="minutes", id_token="minutes")  # noqa: S106
            ],
        )
        return Apigatewayv2Authorizer(
            self,
            "jwt_authorizer",
            api_id=self._api.id,
            name="user-pool",
            authorizer_type="JWT",
            identity_sources=["$request.header.Authorization"],
            jwt_configuration=Apigatewayv2AuthorizerJwtConfiguration(
                audience=[client.id], issuer=f"https://{self.user_pool.endpoint}"
            ),
        )

    def _create_route(self, authorizer: Apigatewayv2Authorizer | None) -> None:
        integration = Apigatewayv2Integration(
            self,
            "integration",
            api_id=self._api.id,
            integration_type="AWS_PROXY",
            integration_uri=self._props.function.function.invoke_arn,
            payload_format_version="2.0",
        )
        Apigatewayv2Route(
            self,
            "default_route",
            api_id=self._api.id,
            route_key="$default",
            target=f"integrations/{integration.id}",
            authorization_type="JWT" if authorizer else "AWS_IAM",
            authorizer_id=authorizer.id if authorizer else None,
        )

    def _create_stage(self) -> Apigatewayv2Stage:
        access_log = CloudwatchLogGroup(
            self,
            "access_log",
            name=self._props.naming.http_api_log_group,
            retention_in_days=self._props.log_retention_days,
            kms_key_id=self._props.key.arn,
        )
        return Apigatewayv2Stage(
            self,
            "default_stage",
            api_id=self._api.id,
            name="$default",
            auto_deploy=True,
            access_log_settings=Apigatewayv2StageAccessLogSettings(
                destination_arn=access_log.arn, format=json.dumps(ACCESS_LOG_FIELDS, sort_keys=True)
            ),
            default_route_settings=Apigatewayv2StageDefaultRouteSettings(
                throttling_rate_limit=THROTTLE_REQUESTS_PER_SECOND,
                throttling_burst_limit=THROTTLE_BURST_REQUESTS,
            ),
        )
