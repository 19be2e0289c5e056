"""The function's entry point, `database_provisioner.handler.handler`."""

from __future__ import annotations

import os
from functools import cache
from ssl import SSLContext
from typing import TYPE_CHECKING, Any

import boto3
from aws_lambda_powertools.utilities.typing import LambdaContext

from database_provisioner.connection import tls_context
from database_provisioner.credentials import Address, Credentials
from database_provisioner.database import connect
from database_provisioner.provisioning import Provisioning
from database_provisioner.request import Action, RejectedRequestError, Request, read_request
from database_provisioner.settings import Settings, read_settings
from runtime.aws import bounded
from runtime.telemetry import Telemetry

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

telemetry = Telemetry.of("database-provisioner")
logger = telemetry.logger

_BOUNDED = bounded(connect_timeout=3, read_timeout=10, attempts=3)


@cache
def settings() -> Settings:
    """Return the validated environment."""
    return read_settings(os.environ)


@cache
def secrets_client() -> SecretsManagerClient:
    """Return the Secrets Manager client; made once per execution environment."""
    return boto3.client("secretsmanager", config=_BOUNDED)


@cache
def trust() -> SSLContext:
    """Return the TLS context that decides which servers the function trusts."""
    return tls_context(settings().ca_file)


def _carry_out(request: Request, known: Settings) -> None:
    address = Address(host=known.host, port=known.port, database=known.database)
    credentials = Credentials(client=secrets_client())
    with connect(address, credentials.master(known.master_secret), trust()) as database:
        provisioning = Provisioning(database=database, credentials=credentials, address=address)
        if request.action in (Action.DELETE, Action.ERASE):
            provisioning.remove(request, erase=known.may_erase(request.tenant))
        elif request.action is Action.ROTATE:
            provisioning.rotate(request)
        else:
            provisioning.ensure(request)


@telemetry.entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, str]:  # noqa: ARG001  # Lambda passes both
    """Carry out one request of Terraform's for one tenant. Repeating a request has no further effect.

    Args:
        event: `tenant`, `secret_arn`, and optionally `returning`, `connection_limit` and `only`, the one action
            that changes anything. The action is in `action`, or in `tf`, which Terraform adds. Whose data may be
            dropped is in the function's environment, not here.
        context: Lambda's context.

    Returns:
        What was asked for, and the names in the database. Terraform keeps this in its state, so it holds no secret.

    Raises:
        SettingsError: The environment is incomplete.
        RejectedRequestError: The request is malformed, names another tenant's secret, or asks for an erasure that the
            environment does not record.
        SecretError: The master's secret holds no login.
        DatabaseError: The server refused a step or cannot be reached.
        IsolationError: The tenant would have got a right that it must not have.
    """
    with telemetry.failures_counted():
        request = read_request(event)
        known = settings()
        if request.action is Action.ERASE and not known.may_erase(request.tenant):
            raise RejectedRequestError(
                f"the data of {request.tenant!r} may not be dropped: no erasure is recorded"
            )
        if request.carried_out:
            _carry_out(request, known)
    telemetry.count(request.action.capitalize() if request.carried_out else "Acknowledged")
    logger.info("database", action=request.action, tenant=request.tenant, carried_out=request.carried_out)
    return {
        "action": request.action,
        "tenant": request.tenant,
        "database": known.database,
        "role": request.role,
        "schema": request.role,
    }
