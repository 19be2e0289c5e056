"""A user without a second factor, in a user pool that requires one, is asked to set one up.

MiniStack hands out tokens for the password alone until a factor is there.

AWS: Cognito user guide, "Adding MFA to a user pool": where MFA is required, users who have not set a factor up get the
challenge `MFA_SETUP` (https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-settings-mfa.html), whose
parameter names the factors that they may set up
(https://docs.aws.amazon.com/cognito-user-identity-pools/latest/APIReference/API_AdminInitiateAuth.html).
"""

import base64
import json
import secrets
from typing import Any

from emulator.shims._patching import service, wrap

FACTOR = "SOFTWARE_TOKEN_MFA"


def apply() -> None:
    """Ask for what is missing, after the password."""
    wrap(service("services.cognito"), "_mfa_challenge_for_user", _challenge)


def _challenge(
    original: Any,  # noqa: ANN401
    pool: dict[str, Any],
    user: dict[str, Any],
    pool_id: str,
    username: str,
) -> dict[str, Any] | None:
    found: dict[str, Any] | None = original(pool, user, pool_id, username)
    if found or pool.get("MfaConfiguration") != "ON" or FACTOR in user.get("_mfa_enabled", []):
        return found
    return {
        "ChallengeName": "MFA_SETUP",
        "Session": base64.b64encode(secrets.token_bytes(32)).decode(),
        "ChallengeParameters": {"USER_ID_FOR_SRP": username, "MFAS_CAN_SETUP": json.dumps([FACTOR])},
    }
