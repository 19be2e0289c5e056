"""What an update of a user pool leaves out gets its default again, and a pool without a second factor has none.

MiniStack keeps what the update leaves out, so that threat protection and authenticator applications, once they are
on, stay on, and each plan wants to remove them again.

AWS: Cognito user guide, "Updating user pool and app client configuration": "If you don't provide a value for an
attribute, Amazon Cognito sets it to its default value"
(https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pool-updating.html). That `OFF` without the
factor's configuration takes the factor away is what the AWS provider asks its users to write
(https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/cognito_user_pool).
"""

from typing import Any

from emulator.shims._patching import part, service, wrap

WITHOUT_VALUE = (
    "DeviceConfiguration",
    "LambdaConfig",
    "SmsConfiguration",
    "UserAttributeUpdateSettings",
    "UserPoolAddOns",
)
"""Attributes whose default is none."""
FACTORS = ("EmailMfaConfiguration", "SmsMfaConfiguration", "SoftwareTokenMfaConfiguration")


def apply() -> None:
    """Have both operations forget what they are not given."""
    cognito = service("services.cognito")
    pools = part(cognito, "_user_pools")

    def update(original: Any, request: dict[str, Any]) -> Any:  # noqa: ANN401
        _forget(pools, request, WITHOUT_VALUE)
        return original(request)

    def set_mfa(original: Any, request: dict[str, Any]) -> Any:  # noqa: ANN401
        if request.get("MfaConfiguration") == "OFF":
            _forget(pools, request, FACTORS)
        return original(request)

    wrap(cognito, "_update_user_pool", update)
    wrap(cognito, "_set_user_pool_mfa_config", set_mfa)


def _forget(pools: Any, request: dict[str, Any], attributes: tuple[str, ...]) -> None:  # noqa: ANN401
    pool = pools.get(request.get("UserPoolId"))
    for attribute in attributes:
        if pool and attribute not in request:
            pool.pop(attribute, None)
