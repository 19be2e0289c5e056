"""Callers of a deployed tenant: a user with a token of its pool, raw HTTP requests, and signups."""

from __future__ import annotations

import http.client
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

from emulator.server import ACCOUNT_ID, Emulator
from tests.guards import GUARD_SECONDS

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """What an API answered."""

    status: int
    headers: dict[str, str]
    body: Any


def token(emulator: Emulator, pool_name: str, group: str | None = None) -> str:
    """Return an access token of a new user of the Cognito user pool named `pool_name`, in `group`."""
    return str(signed_in(emulator, pool_name, group)["AuthenticationResult"]["AccessToken"])


def signed_in(emulator: Emulator, pool_name: str, group: str | None = None) -> dict[str, Any]:
    """Return what Cognito answers to a new user, in `group`, who gives a name and a password.

    Args:
        emulator: that has the user pool.
        pool_name: name of the user pool.
        group: of the user pool, made where it is not there; `None` is in none.
    """
    cognito = emulator.client("cognito-idp")
    pools = {pool["Name"]: pool["Id"] for pool in cognito.list_user_pools(MaxResults=60)["UserPools"]}
    pool = pools[pool_name]
    (client,) = cognito.list_user_pool_clients(UserPoolId=pool, MaxResults=10)["UserPoolClients"]
    user, password = f"user-{secrets.token_hex(4)}", f"Aa1!{secrets.token_urlsafe(24)}"
    temporary = f"Aa1!{secrets.token_urlsafe(24)}"
    cognito.admin_create_user(
        UserPoolId=pool, Username=user, TemporaryPassword=temporary, MessageAction="SUPPRESS"
    )
    cognito.admin_set_user_password(UserPoolId=pool, Username=user, Password=password, Permanent=True)
    if group:
        made = {found["GroupName"] for found in cognito.list_groups(UserPoolId=pool)["Groups"]}
        if group not in made:
            cognito.create_group(UserPoolId=pool, GroupName=group)
        cognito.admin_add_user_to_group(UserPoolId=pool, Username=user, GroupName=group)
    answer: dict[str, Any] = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client["ClientId"],
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": user, "PASSWORD": password},
    )
    return answer


def call(
    emulator: Emulator,
    endpoint: str,
    path: str = "/",
    *,
    method: str = "GET",
    bearer: str | None = None,
    body: object = None,
) -> Answer:
    """Send a request to the API whose public URL is `endpoint`, through the emulator."""
    api = urlsplit(endpoint).netloc.split(".")[0]
    where = urlsplit(emulator.endpoint)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=GUARD_SECONDS)
    headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
    payload = None
    if body is not None:
        headers["Content-Type"] = "application/json"
        payload = json.dumps(body)
    try:
        connection.request(method, f"/_aws/execute-api/{api}/$default{path}", payload, headers)
        response = connection.getresponse()
        text = response.read().decode()
    finally:
        connection.close()
    try:
        decoded: Any = json.loads(text)
    except ValueError:
        decoded = text
    return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, decoded)


def sign_up(emulator: Emulator, tenant: str, **detail: object) -> None:
    """Send the tenant's signup to the bus."""
    entry = {
        "Source": "custom.signup",
        "DetailType": "Tenant Signup",
        "Detail": json.dumps({"tenantId": tenant, "plan": "standard", **detail}),
    }
    assert emulator.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0


def profile_of(emulator: Emulator, tenant: str) -> dict[str, Any] | None:
    """Return what the provisioner wrote of the tenant."""
    key = {"tenant_id": {"S": tenant}, "resource_type": {"S": "profile"}}
    found = emulator.client("dynamodb").get_item(TableName=f"tenant-{tenant}-metadata-test", Key=key)
    item = found.get("Item")
    assert item is None or isinstance(item, dict)
    return item


@contextmanager
def keys_opened(emulator: Emulator) -> Iterator[None]:
    """Let the account's root use every key, as an administrator can by changing the key's policy, and nobody else.

    Root reads and writes what no role of the tenant would: without this, each key's policy refuses it.
    """
    kms = emulator.client("kms")
    root = f"arn:aws:iam::{ACCOUNT_ID}:root"
    opening = {
        "Effect": "Allow",
        "Principal": {"AWS": root},
        "Action": "kms:*",
        "Resource": "*",
        "Condition": {"ArnEquals": {"aws:PrincipalArn": root}},
    }
    policies = {}
    for key in kms.list_keys()["Keys"]:
        policies[key["KeyId"]] = kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"]
    try:
        for key_id, text in policies.items():
            document = json.loads(text)
            document["Statement"].append(opening)
            kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(document))
        yield
    finally:
        for key_id, text in policies.items():
            # A policy that names its administrators does not admit root.
            kms.put_key_policy(
                KeyId=key_id, PolicyName="default", Policy=text, BypassPolicyLockoutSafetyCheck=True
            )


def wait_for(check: Callable[[], T | None]) -> T:
    """Return the first true answer of `check`; fail when none comes at all."""
    deadline = time.monotonic() + GUARD_SECONDS
    while time.monotonic() < deadline:
        answer = check()
        if answer:
            return answer
        time.sleep(0.1)
    raise AssertionError(f"nothing within {GUARD_SECONDS:.0f} s")
