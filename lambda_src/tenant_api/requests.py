"""Checks of a request before it reaches a route."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
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
                        "iam": {
                            "type": ["object", "null"],
                            "properties": {"userArn": {"type": ["string", "null"]}},
                        },
                    },
                },
            },
        },
    },
}
_check_event = compiled(_SCHEMA)

READERS, WRITERS = "readers", "writers"
"""Groups of the user pool, where users' rights depend on their groups."""
_READING = frozenset({"GET", "HEAD"})
"""Methods that change nothing of the tenant's (RFC 9110, 9.2.1)."""
_TENANT_CLAIMS = ("custom:tenant_id", "tenant_id")
# The session of a role, as IAM writes it:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
_SESSION = re.compile(r"arn:[^:]+:sts::(?P<account>[0-9]{12}):assumed-role/(?P<role>[^/]+)/.+")


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


def check_user(event: Mapping[str, Any], *, by_group: bool) -> None:
    """Refuse a token that is no access token, and where `by_group` a user whose groups do not let them do this.

    ID tokens say who a user is and are handed to clients; access tokens say what their holder may do, and can be
    revoked. The route asks for a scope, which ID tokens do not have. This check is for the day that it does not.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html

    Each access token says in which groups its user was at sign-in:
    https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html

    Raises:
        Problem: 403; the request has no claims, its token is used for something else, or its user may not do this.
    """
    authorizer = event["requestContext"].get("authorizer") or {}
    claims = (authorizer.get("jwt") or {}).get("claims") or {}
    if claims.get("token_use") != "access":
        raise Problem(HTTPStatus.FORBIDDEN, "wrong-token", "The token is not an access token.")
    if by_group:
        groups = _groups(claims.get("cognito:groups"))
        _check_right(event, reads=bool(groups & {READERS, WRITERS}), writes=WRITERS in groups)


def _groups(claim: object) -> AbstractSet[str]:
    """Return the groups that `claim` names: API Gateway writes a list as `[one two]`; no name has a space."""
    if not isinstance(claim, str) or not (claim.startswith("[") and claim.endswith("]")):
        return frozenset()
    return frozenset(claim[1:-1].split())


def _check_right(event: Mapping[str, Any], *, reads: bool, writes: bool) -> None:
    """Refuse what the caller may not do.

    Raises:
        Problem: 403; the request changes something and the caller does not write, or the caller does not even read.
    """
    if not (reads if event["requestContext"]["http"]["method"].upper() in _READING else writes):
        detail = (
            "The caller may read, and change nothing." if reads else "The caller may neither read nor write."
        )
        raise Problem(HTTPStatus.FORBIDDEN, "not-permitted", detail)


def check_role(
    event: Mapping[str, Any], writers: AbstractSet[str], readers: AbstractSet[str], account: str
) -> None:
    """Refuse whoever is not a session of one of `writers` or `readers` in `account`, and readers what changes things.

    API Gateway has checked the signature, and that some policy of the caller's lets it invoke the API. That policy is
    written by whoever administers the caller; which roles are meant is said here.

    Raises:
        Problem: 403; the request was signed by somebody else, or by a reader and changes something.
    """
    authorizer = event["requestContext"].get("authorizer") or {}
    session = _SESSION.fullmatch((authorizer.get("iam") or {}).get("userArn") or "")
    if session is None or session["account"] != account or session["role"] not in writers | readers:
        raise Problem(HTTPStatus.FORBIDDEN, "wrong-caller", "The caller may not use this API.")
    _check_right(event, reads=True, writes=session["role"] in writers)


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


def body_bytes(message: object) -> int:
    """Return how many bytes the body of a request or a response has, before it is put into base64; 0 without one."""
    body = message.get("body") if isinstance(message, dict) else None
    if not isinstance(body, str):
        return 0
    if isinstance(message, dict) and message.get("isBase64Encoded") is True:
        return len(body.rstrip("=")) * 3 // 4
    return len(body.encode(errors="surrogatepass"))
