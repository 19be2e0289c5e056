"""The function's entry point, `tenant_provisioner.handler.handler`."""

from __future__ import annotations

import os
import time
from functools import cache
from typing import Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from tenant_provisioner.bus import Bus
from tenant_provisioner.profiles import Profiles
from tenant_provisioner.provisioning import Provisioning
from tenant_provisioner.settings import Settings, read_settings
from tenant_provisioner.signup import read_signup

# The standard Powertools variables name another service or namespace.
_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "tenant-provisioner")
_NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "TenantPlatform")
logger = Logger(service=_SERVICE)
metrics = Metrics(service=_SERVICE, namespace=_NAMESPACE)
tracer = Tracer(service=_SERVICE, patch_modules=["botocore"])

# Seconds; two attempts stay below the time that a claim holds (`provisioning.CLAIM_SECONDS`).
_BOUNDED = Config(connect_timeout=2, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})


@cache
def settings() -> Settings:
    """Return the validated environment."""
    return read_settings(os.environ)


@cache
def provisioning() -> Provisioning:
    """Return the logic on the tenant's own table; made once for each execution environment."""
    known = settings()
    return Provisioning(
        profiles=Profiles(
            client=boto3.client("dynamodb", config=_BOUNDED), table=known.table, tenant_id=known.tenant_id
        ),
        bus=Bus(client=boto3.client("events", config=_BOUNDED), name=known.event_bus),
        clock=time.time,
        sleep=time.sleep,
    )


@logger.inject_lambda_context(log_event=False)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:
    """Provision the tenant that has signed up.

    Args:
        event: A `Tenant Signup` event from EventBridge.
        context: The runtime's context.

    Returns:
        The tenant's id and what was done: `provisioned`, `repaired` or `duplicate`.

    Raises:
        SettingsError: The environment is incomplete.
        RejectedEventError: The event is malformed or another tenant's.
        ProvisioningError: A step failed. Lambda tries twice more, then the dead-letter queue has the event.
    """
    try:
        signup = read_signup(event, settings().tenant_id)
        outcome = provisioning().provision(signup, context.aws_request_id)
    except Exception:
        metrics.add_metric(name="Failed", unit=MetricUnit.Count, value=1)
        raise
    metrics.add_metric(name=outcome.capitalize(), unit=MetricUnit.Count, value=1)
    logger.info("signup", outcome=outcome, signup_event_id=signup.event_id)
    return {"tenant_id": signup.tenant_id, "outcome": outcome}
