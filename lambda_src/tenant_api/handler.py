"""The function's entry point, `tenant_api.handler.handler`."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from functools import cache
from typing import Any

from aws_lambda_powertools.metrics import MetricUnit
from aws_lambda_powertools.utilities.typing import LambdaContext

from runtime.telemetry import Telemetry
from tenant_api.bucket import Bucket
from tenant_api.clients import dynamodb_client, s3_client
from tenant_api.object_usage import ObjectUsage
from tenant_api.problems import PROBLEM_JSON, Problem, internal
from tenant_api.records import Records
from tenant_api.requests import body_bytes, check_role, check_tenant, check_user, checked_event
from tenant_api.routes import Routes, Services
from tenant_api.settings import Settings, read_settings
from tenant_api.table import Table
from tenant_api.uploads import Uploads
from tenant_api.usage import Usage

telemetry = Telemetry.of("tenant-api")
logger = telemetry.logger


@cache
def settings() -> Settings:
    """Return the validated environment."""
    return read_settings(os.environ)


@cache
def routes() -> Routes:
    """Return the routes to the tenant's own table and bucket; made once per execution environment."""
    known = settings()
    table = Table(client=dynamodb_client(), name=known.table, tenant_id=known.tenant_id)
    bucket = Bucket(client=s3_client(), name=known.bucket, kms_key_id=known.kms_key_id)
    usage = None if known.most_records is None else Usage(table=table, most=known.most_records)
    records = Records(table=table, usage=usage, clock=_now)
    return Routes(
        Services(
            tenant_id=known.tenant_id,
            table=table,
            bucket=bucket,
            records=records,
            uploads=_uploads(known, table, bucket),
            logger=logger,
        )
    )


def _now() -> datetime:
    return datetime.now(UTC)


def _uploads(known: Settings, table: Table, bucket: Bucket) -> Uploads:
    usage = None
    if known.most_objects is not None or known.most_object_bytes is not None:
        usage = ObjectUsage(
            table=table,
            bucket=bucket,
            most_objects=known.most_objects,
            most_bytes=known.most_object_bytes,
            clock=_now,
        )
    # What can never be admitted is too large, however much is deleted.
    largest = min(known.largest_object, known.most_object_bytes or known.largest_object)
    return Uploads(bucket=bucket, largest=largest, usage=usage)


def _answer(event: object, context: LambdaContext) -> dict[str, Any]:
    try:
        checked = checked_event(event)
        _check_caller(checked, context)
        return routes().resolve(checked, context)
    except Problem as problem:
        return _problem(problem, context)
    except Exception:
        # Whatever it is, the caller gets a problem document and the log gets the traceback.
        logger.exception("unexpected error")
        return _problem(internal(), context)


def _check_caller(event: dict[str, Any], context: LambdaContext) -> None:
    known = settings()
    check_tenant(event, known.tenant_id)
    if known.caller_roles is None:
        check_user(event, by_group=known.users_by_group)
    else:
        # The function's ARN: its fifth part is the account that it is in.
        account = context.invoked_function_arn.split(":")[4]
        check_role(event, known.caller_roles, known.reader_roles, account)


def _problem(problem: Problem, context: LambdaContext) -> dict[str, Any]:
    return {
        "statusCode": problem.status.value,
        "headers": {"Content-Type": PROBLEM_JSON, **problem.headers},
        "body": problem.document(context.aws_request_id),
        "isBase64Encoded": False,
    }


@telemetry.entry_point
def handler(event: dict[str, Any], context: LambdaContext) -> dict[str, Any]:
    """Respond to one HTTP request of payload format 2.0. Nothing that a caller sends makes this raise.

    Args:
        event: What API Gateway sends; anything else gets a 400.
        context: Lambda's context.

    Returns:
        `statusCode`, `headers`, `body` and `isBase64Encoded`.
    """
    began = time.monotonic()
    answer = _answer(event, context)
    status: int = answer["statusCode"]
    telemetry.count("Requests")
    telemetry.count(f"Status{status // 100}xx")
    telemetry.measure("Latency", (time.monotonic() - began) * 1000, MetricUnit.Milliseconds)
    telemetry.measure("BytesReceived", body_bytes(event), MetricUnit.Bytes)
    telemetry.measure("BytesSent", body_bytes(answer), MetricUnit.Bytes)
    logger.info("request", status=status)
    answer["headers"] |= {
        "X-Tenant-Id": os.environ.get("TENANT_ID", ""),
        "X-Request-Id": context.aws_request_id,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return answer
