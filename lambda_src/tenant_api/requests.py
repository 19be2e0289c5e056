"""Checks of a request before it reaches a route."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from runtime.schema import SchemaError, compiled
from tenant_api.problems import Problem, bad_request

# Payload format 2.0, as far as this function reads it:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
_STRINGS = {"type": ["object", "null"], "additionalProperties": {"type": "string"}}
_SCHEMA = {
    "type": "object",
    "required": ["rawPath", "requestContext"],
    "properties": {
        "rawPath": {"type": "string"},
        "headers": _STRINGS,
        "queryStringParameters": _STRINGS,
        "body": {"type": ["string", "null"]},
        "isBase64Encoded": {"type": "boolean"},
        "requestContext": {
            "type": "object",
            "required": ["http"],
            "properties": {
                "http": {
                    "type": "object",
                    "required": ["method"],
                    "properties": {"method": {"type": "string"}},
                },
                "stage": {"type": "string"},
                "authorizer": {
                    "type": ["object", "null"],
                    "properties": {
                        "jwt": {
                            "type": ["object", "null"],
                            "properties": {"claims": {"type": ["object", "null"]}},
                        },
                    },
                },
            },
        },
    },
}
_check_event = compiled(_SCHEMA)

_TENANT_CLAIMS = ("custom:tenant_id", "tenant_id")


def checked_event(event: object) -> dict[str, Any]:
    """Return `event`, an HTTP API event of payload format 2.0, with defaults for its optional parts.

    Raises:
        Problem: 400; the event has another format.
    """
    try:
        checked = _check_event(event)
    except SchemaError as error:
        raise bad_request("malformed-event", "This is no HTTP API event of payload format 2.0.") from error
    context = {"stage": "$default", **checked["requestContext"]}
    return {**checked, "headers": checked.get("headers") or {}, "requestContext": context}


def check_tenant(event: Mapping[str, Any], tenant_id: str) -> None:
    """Refuse the token of another tenant.

    The authorizer has already refused it because of its issuer. This check is for the day that an authorizer trusts a
    user pool that tenants share.

    Raises:
        Problem: 403; a claim names a tenant other than `tenant_id`.
    """
    authorizer = event["requestContext"].get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    if any(claims.get(name, tenant_id) != tenant_id for name in _TENANT_CLAIMS):
        raise Problem(HTTPStatus.FORBIDDEN, "wrong-tenant", "The token is not one of this tenant.")


def body_of(event: Mapping[str, Any]) -> bytes:
    """Return the request's body, empty if there is none.

    Raises:
        Problem: 400; the body is not encoded as the request says.
    """
    body: str = event.get("body") or ""
    try:
        return base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body.encode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise bad_request("malformed-body", "The body is not encoded as the request says.") from error
