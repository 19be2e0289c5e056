"""Calls to a tenant's API at its public URL."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import ssl
import time
from collections.abc import Callable
from typing import Any, TypeVar
from urllib.parse import urlsplit

from tests.guards import GUARD_SECONDS

T = TypeVar("T")


def call(
    endpoint: str, path: str = "/", *, method: str = "GET", bearer: str = "", body: object = None
) -> tuple[int, Any]:
    """Send a request; return status and decoded body.

    Where `AWS_ENDPOINT_URL` names another AWS, that one answers for the URL's host, as it does for every service.
    """
    url = urlsplit(endpoint)
    elsewhere = urlsplit(os.environ.get("AWS_ENDPOINT_URL", ""))
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    payload = None
    if body is not None:
        headers["Content-Type"], payload = "application/json", json.dumps(body)
    connection: http.client.HTTPConnection
    if elsewhere.netloc:
        connection = http.client.HTTPConnection(
            elsewhere.hostname or "", elsewhere.port, timeout=GUARD_SECONDS
        )
        path = f"/_aws/execute-api/{url.netloc.split('.')[0]}/$default{path}"
    else:
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(url.netloc, timeout=GUARD_SECONDS, context=context)
    try:
        connection.request(method, path, payload, headers)
        response = connection.getresponse()
        text = response.read().decode()
    finally:
        connection.close()
    try:
        return response.status, json.loads(text)
    except ValueError:
        return response.status, text


def token(cognito: Any, pool_name: str) -> str:
    """Return an access token of a new user of the user pool named `pool_name`."""
    pages = cognito.get_paginator("list_user_pools").paginate(MaxResults=60)
    (pool,) = (pool["Id"] for page in pages for pool in page["UserPools"] if pool["Name"] == pool_name)
    (client,) = cognito.list_user_pool_clients(UserPoolId=pool, MaxResults=10)["UserPoolClients"]
    user, password = f"user-{secrets.token_hex(4)}", f"Aa1!{secrets.token_urlsafe(24)}"
    cognito.admin_create_user(
        UserPoolId=pool,
        Username=user,
        TemporaryPassword=f"Aa1!{secrets.token_urlsafe(24)}",
        MessageAction="SUPPRESS",
    )
    cognito.admin_set_user_password(UserPoolId=pool, Username=user, Password=password, Permanent=True)
    answer = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client["ClientId"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user, "PASSWORD": password},
    )
    return str(answer["AuthenticationResult"]["AccessToken"])


def wait_for(check: Callable[[], T | None]) -> T:
    """Return the first true answer of `check`; fail when none comes at all."""
    deadline = time.monotonic() + GUARD_SECONDS
    while time.monotonic() < deadline:
        if answer := check():
            return answer
        time.sleep(0.5)
    raise AssertionError(f"nothing within {GUARD_SECONDS:.0f} s")
