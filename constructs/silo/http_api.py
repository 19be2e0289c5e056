"""One tenant's HTTP API: who may call it, how often, and what is written about it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

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
from cdktf_cdktf_provider_aws.cognito_user_pool import (
    CognitoUserPool,
    CognitoUserPoolAdminCreateUserConfig,
    CognitoUserPoolPasswordPolicy,
    CognitoUserPoolSoftwareTokenMfaConfiguration,
    CognitoUserPoolUserPoolAddOns,
)
from cdktf_cdktf_provider_aws.cognito_user_pool_client import (
    CognitoUserPoolClient,
    CognitoUserPoolClientTokenValidityUnits,
)

from config.profiles import Mfa, SignIn
from config.registry.tenants import ApiAuthorization
from constructs import Construct
from constructs.common.customer_key import CustomerKey
from constructs.common.lambda_function import LambdaFunction
from constructs.common.lifecycle import protected_lifecycle
from constructs.common.log_group import EncryptedLogGroup, EncryptedLogGroupProps
from tenancy.names.silo import SiloNames
from tenancy.protection import Protection

USER_SCOPE: Final = "aws.cognito.signin.user.admin"
"""Which each access token of a signed-in user has, and no ID token
(https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html)."""
MFA: Final[Mapping[Mfa, str]] = {"required": "ON", "optional": "OPTIONAL", "off": "OFF"}
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
        names: the tenant's.
        function: answers every request.
        authorization: `jwt` (an access token of the tenant's own user pool) or `iam` (a signed request).
        sign_in: of the user pool's users.
        requests_per_second: taken in the long run; more are answered with 429.
        request_burst: requests taken at once; more are answered with 429.
        key: encrypts the access log.
        log_retention_days: as CloudWatch admits.
        protection: of the user pool.
    """

    names: SiloNames
    function: LambdaFunction
    authorization: ApiAuthorization
    sign_in: SignIn
    requests_per_second: int
    request_burst: int
    key: CustomerKey
    log_retention_days: int
    protection: Protection


class HttpApi(Construct):
    """An HTTP API with one route, `$default`, that no anonymous request passes.

    Attributes:
        id: that AWS gives it.
        endpoint: the URL that a client calls.
        user_pool: of the tenant's users; `None` where requests are signed.
    """

    def __init__(self, scope: Construct, id: str, props: HttpApiProps) -> None:
        super().__init__(scope, id)
        self._props = props
        self._api = Apigatewayv2Api(
            self,
            "api",
            name=props.names.http_api,
            protocol_type="HTTP",
            description="The tenant's API",
        )
        self.id = self._api.id
        self.user_pool: CognitoUserPool | None = None
        authorizer = self._create_authorizer() if props.authorization == "jwt" else None
        self._create_route(authorizer)
        stage = self._create_stage()
        self.endpoint = stage.invoke_url
        props.function.grant_invoke(
            "invoked_by_http_api",
            sid="AllowHttpApiInvoke",
            service="apigateway.amazonaws.com",
            source_arn=f"{self._api.execution_arn}/*/$default",
        )

    def _create_authorizer(self) -> Apigatewayv2Authorizer:
        """Create the tenant's user pool, its client, and the check of their tokens."""
        names, sign_in = self._props.names, self._props.sign_in
        self.user_pool = CognitoUserPool(
            self,
            "user_pool",
            name=names.user_pool,
            deletion_protection="ACTIVE" if self._props.protection.protected else "INACTIVE",
            admin_create_user_config=CognitoUserPoolAdminCreateUserConfig(allow_admin_create_user_only=True),
            password_policy=CognitoUserPoolPasswordPolicy(
                minimum_length=PASSWORD_LENGTH,
                require_lowercase=True,
                require_numbers=True,
                require_symbols=True,
                require_uppercase=True,
                temporary_password_validity_days=7,
            ),
            mfa_configuration=MFA[sign_in.mfa],
            software_token_mfa_configuration=(
                None if sign_in.mfa == "off" else CognitoUserPoolSoftwareTokenMfaConfiguration(enabled=True)
            ),
            # Threat protection is part of this plan alone.
            user_pool_tier="ESSENTIALS" if sign_in.threat_protection == "off" else "PLUS",
            user_pool_add_ons=(
                None
                if sign_in.threat_protection == "off"
                else CognitoUserPoolUserPoolAddOns(advanced_security_mode=sign_in.threat_protection.upper())
            ),
            lifecycle=protected_lifecycle(self._props.protection),
        )
        client = CognitoUserPoolClient(
            self,
            "user_pool_client",
            name=names.http_api,
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
            integration_uri=self._props.function.resource.invoke_arn,
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
            # API Gateway knows ID tokens from access tokens by their scopes alone.
            authorization_scopes=[USER_SCOPE] if authorizer else None,
        )

    def _create_stage(self) -> Apigatewayv2Stage:
        access_log = EncryptedLogGroup(
            self,
            "access_log",
            EncryptedLogGroupProps(
                name=self._props.names.http_api_log_group,
                key=self._props.key,
                retention_days=self._props.log_retention_days,
            ),
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
                throttling_rate_limit=self._props.requests_per_second,
                throttling_burst_limit=self._props.request_burst,
            ),
        )
