"""The function's entry point, `database_provisioner.handler.handler`."""

from __future__ import annotations

import os
from functools import cache
from ssl import SSLContext
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext
from botocore.config import Config

from database_provisioner.credentials import Address, Credentials
from database_provisioner.database import connect, tls_context
from database_provisioner.provisioning import Provisioning
from database_provisioner.request import Action, Request, read_request
from database_provisioner.settings import Settings, read_settings

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

# The standard Powertools variables name another service or namespace.
_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "database-provisioner")
_NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "TenantPlatform")
logger = Logger(service=_SERVICE)
metrics = Metrics(service=_SERVICE, namespace=_NAMESPACE)
tracer = Tracer(service=_SERVICE, patch_modules=["botocore"])

_BOUNDED = Config(connect_timeout=3, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3})


@cache
def settings() -> Settings:
    """Return the validated environment."""
    return read_settings(os.environ)


@cache
def secrets_client() -> SecretsManagerClient:
    """Return the Secrets Manager client; made once for each execution environment."""
    return boto3.client("secretsmanager", config=_BOUNDED)


@cache
def trust() -> SSLContext:
    """Return whom the function believes to be the database."""
    return tls_context(settings().ca_file)


def _carry_out(request: Request) -> Settings:
    known = settings()
    address = Address(host=known.host, port=known.port, database=known.database)
    credentials = Credentials(client=secrets_client())
    with connect(address, credentials.master(known.master_secret), trust()) as database:
        provisioning = Provisioning(database=database, credentials=credentials, address=address)
        if request.action is Action.DELETE:
            provisioning.remove(request)
        else:
            provisioning.ensure(request)
    return known


@logger.inject_lambda_context(log_event=False)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:  # noqa: ARG001  # the runtime's call
    """Do for one tenant what Terraform asks; the same request any number of times has the effect of one.

    Args:
        event: `tenant`, `secret_arn`, optionally `drop_schema` and `connection_limit`; the action in `action` or in
            Terraform's own `tf`.
        context: The runtime's context.

    Returns:
        What was done and the names in the database. Terraform keeps it in its state, so there is no secret in it.

    Raises:
        SettingsError: The environment is incomplete.
        RejectedRequestError: The request is malformed or names another tenant's secret.
        SecretError: The master's secret holds no login.
        DatabaseError: The server refused a step or cannot be reached.
        IsolationError: The tenant would have had a right that it must not have.
    """
    try:
        request = read_request(event)
        known = _carry_out(request)
    except Exception:
        metrics.add_metric(name="Failed", unit=MetricUnit.Count, value=1)
        raise
    metrics.add_metric(name=request.action.capitalize(), unit=MetricUnit.Count, value=1)
    logger.info("database", action=request.action, tenant=request.tenant)
    return {
        "action": request.action,
        "tenant": request.tenant,
        "database": known.database,
        "role": request.role,
        "schema": request.role,
    }
