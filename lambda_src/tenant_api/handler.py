"""The function's entry point, `tenant_api.handler.handler`."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools import Logger, Metrics, Tracer
from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from tenant_api.bucket import Bucket
from tenant_api.clients import dynamodb_client, s3_client
from tenant_api.problems import PROBLEM_JSON, Problem, internal
from tenant_api.records import Records
from tenant_api.requests import check_tenant, checked_event
from tenant_api.routes import Routes, Services
from tenant_api.settings import Settings, read_settings
from tenant_api.table import Table

# The standard Powertools variables name another service or namespace.
_SERVICE = os.environ.get("POWERTOOLS_SERVICE_NAME", "tenant-api")
_NAMESPACE = os.environ.get("POWERTOOLS_METRICS_NAMESPACE", "TenantPlatform")
logger = Logger(service=_SERVICE)
metrics = Metrics(service=_SERVICE, namespace=_NAMESPACE)
# Answers hold tenants' data, which has no place in a trace.
tracer = Tracer(service=_SERVICE, patch_modules=["botocore"])


@cache
def settings() -> Settings:
    """Return the validated environment."""
    return read_settings(os.environ)


@cache
def routes() -> Routes:
    """Return the routes on the tenant's own stores; made once for each execution environment."""
    known = settings()
    table = Table(client=dynamodb_client(), name=known.table, tenant_id=known.tenant_id)
    bucket = Bucket(client=s3_client(), name=known.bucket, kms_key_id=known.kms_key_id)
    records = Records(table=table, clock=lambda: datetime.now(UTC))
    return Routes(
        Services(tenant_id=known.tenant_id, table=table, bucket=bucket, records=records, logger=logger)
    )


def _answer(event: object, context: LambdaContext) -> dict[str, Any]:
    try:
        checked = checked_event(event)
        check_tenant(checked, settings().tenant_id)
        return routes().resolve(checked, context)
    except Problem as problem:
        return _problem(problem, context)
    except Exception:
        # Whatever it is, the caller gets a problem document and the log gets the trace.
        logger.exception("unexpected error")
        return _problem(internal(), context)


def _problem(problem: Problem, context: LambdaContext) -> dict[str, Any]:
    return {
        "statusCode": problem.status.value,
        "headers": {"Content-Type": PROBLEM_JSON, **problem.headers},
        "body": problem.document(context.aws_request_id),
        "isBase64Encoded": False,
    }


@logger.inject_lambda_context(log_event=False)
@tracer.capture_lambda_handler(capture_response=False)
@metrics.log_metrics(capture_cold_start_metric=True)
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Answer one HTTP request of payload format 2.0; never raises for what a caller sends.

    Args:
        event: What API Gateway sends; anything else is answered with 400.
        context: The runtime's context.

    Returns:
        `statusCode`, `headers`, `body` and `isBase64Encoded`.
    """
    answer = _answer(event, context)
    status: int = answer["statusCode"]
    metrics.add_metric(name=f"Status{status // 100}xx", unit=MetricUnit.Count, value=1)
    logger.info("request", status=status)
    answer["headers"] |= {
        "X-Tenant-Id": os.environ.get("TENANT_ID", ""),
        "X-Request-Id": context.aws_request_id,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return answer
