"""The function's entry point, `tenant_provisioner.handler.handler`."""

from __future__ import annotations

import os
import time
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from runtime.aws import bounded
from runtime.telemetry import Telemetry
from tenant_provisioner.bus import Bus
from tenant_provisioner.provisioning import Provisioning
from tenant_provisioner.settings import Settings, read_settings
from tenant_provisioner.signup import read_signup
from tenant_provisioner.tenant_profiles import TenantProfiles

telemetry = Telemetry.of("tenant-provisioner")
logger = telemetry.logger

# Two attempts take less time than a claim holds (`provisioning.CLAIM_SECONDS`).
_BOUNDED = bounded(connect_timeout=2, read_timeout=5, attempts=2)


@cache
def settings() -> Settings:
    """Return the validated environment."""
    return read_settings(os.environ)


@cache
def provisioning() -> Provisioning:
    """Return the logic for the tenant's own table; made once per execution environment."""
    known = settings()
    return Provisioning(
        profiles=TenantProfiles(
            client=boto3.client("dynamodb", config=_BOUNDED), table=known.table, tenant_id=known.tenant_id
        ),
        bus=Bus(client=boto3.client("events", config=_BOUNDED), name=known.event_bus),
        clock=time.time,
        sleep=time.sleep,
    )


@telemetry.entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Provision the tenant that has signed up.

    Args:
        event: A `Tenant Signup` event from EventBridge.
        context: Lambda's context.

    Returns:
        The tenant's id and what was done: `provisioned`, `repaired` or `duplicate`.

    Raises:
        SettingsError: The environment is incomplete.
        RejectedEventError: The event is malformed or another tenant's.
        ProvisioningError: A step failed. Lambda tries twice more, then sends the event to the dead-letter queue.
    """
    with telemetry.failures_counted():
        signup = read_signup(event, settings().tenant_id)
        outcome = provisioning().provision(signup, context.aws_request_id)
    telemetry.count(outcome.capitalize())
    logger.info("signup", outcome=outcome, signup_event_id=signup.event_id)
    return {"tenant_id": signup.tenant_id, "outcome": outcome}
