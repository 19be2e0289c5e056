"""The request that Terraform sends.

`aws_lambda_invocation` with `lifecycle_scope = "CRUD"` adds `tf` to its input, with `action` and `prev_input`:
https://registry.terraform.io/providers/hashicorp/aws/5.100.0/docs/resources/lambda_invocation
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from runtime.schema import SchemaError, compiled

DEFAULT_CONNECTION_LIMIT = 20

TIMEOUTS = ("statement_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout")
"""What a request may set for the tenant's sessions, in seconds, by PostgreSQL's own names
(https://www.postgresql.org/docs/15/runtime-config-client.html)."""

_ACTION = {"enum": ["create", "update", "delete"]}  # what Terraform says itself
_ASKED = {"enum": ["create", "update", "delete", "erase", "rotate"]}
_SCHEMA = {
    "type": "object",
    "required": ["tenant"],
    "properties": {
        # With the prefix `retired_tenant_`, it still fits into the 63 bytes of a PostgreSQL name.
        "tenant": {"type": "string", "pattern": r"^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?\Z"},
        "action": _ASKED,
        "only": _ACTION,
        "tf": {
            "type": "object",
            "required": ["action"],
            "properties": {"action": _ACTION, "prev_input": {"type": ["object", "null"]}},
        },
        "secret_arn": {"type": "string", "maxLength": 2048},
        "returning": {"type": "boolean"},
        "end_sessions": {"type": "boolean"},
        "connection_limit": {"type": "integer", "minimum": 1, "maximum": 10000},
        **{name: {"type": ["integer", "null"], "minimum": 1, "maximum": 86400} for name in TIMEOUTS},
    },
}
_check = compiled(_SCHEMA)

# In a secret's ARN, Secrets Manager appends a hyphen and six characters to the name:
# https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html
_SECRET = re.compile(
    r"(?:arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:(?P<arn>.+)-[A-Za-z0-9]{6}|(?P<name>.+))"
)


class RejectedRequestError(Exception):
    """The request can never be carried out; the message says why."""


class Action(StrEnum):
    """What Terraform does with the tenant's invocation, the erasure of what a tenant left, or a new password."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ERASE = "erase"
    ROTATE = "rotate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What to do for one tenant.

    Attributes:
        action: What Terraform does with the tenant's invocation.
        tenant: The tenant's id.
        secret: Name or ARN of the tenant's own secret; may be empty only if the tenant is deleted or erased.
        returning: Whether the tenant is the one that had this id before, and gets the data that was kept.
        connection_limit: Maximum number of connections that the tenant may hold.
        timeouts: Seconds by parameter of PostgreSQL, `None` for never; those that the request names.
        end_sessions: Whether a new password also ends the sessions that were opened with the old one.
        only: The one action that is carried out; every other is acknowledged and changes nothing. None: all are.
    """

    action: Action
    tenant: str
    secret: str
    connection_limit: int
    only: Action | None = None
    returning: bool = False
    end_sessions: bool = False
    timeouts: Mapping[str, int | None] = field(default_factory=dict)

    @property
    def carried_out(self) -> bool:
        """Whether the request changes anything."""
        return self.only in (None, self.action)

    @property
    def role(self) -> str:
        """Name of the tenant's role and of its schema. Ids contain no underscores, so no two share a name."""
        return f"tenant_{self.tenant.replace('-', '_')}"


def read_request(event: object) -> Request:
    """Return the request in `event`.

    Raises:
        RejectedRequestError: The request is malformed, renames the tenant, or names another tenant's secret.
    """
    try:
        checked = _check(event)
    except SchemaError as error:
        raise RejectedRequestError(f"malformed request: {error}") from None
    lifecycle = checked.get("tf", {})
    actions = {found for found in (checked.get("action"), lifecycle.get("action")) if found}
    if len(actions) != 1:
        raise RejectedRequestError(
            f"malformed request: one action is expected, in event.action or event.tf.action, not {len(actions)}"
        )
    action, tenant = Action(actions.pop()), checked["tenant"]
    before = (lifecycle.get("prev_input") or {}).get("tenant", tenant)
    if action is Action.UPDATE and before != tenant:
        raise RejectedRequestError("a tenant is not renamed: delete the one and create the other")
    secret = checked.get("secret_arn", "")
    if action not in (Action.DELETE, Action.ERASE):
        _check_secret(secret, tenant)
    return Request(
        action=action,
        tenant=tenant,
        secret=secret,
        connection_limit=checked.get("connection_limit", DEFAULT_CONNECTION_LIMIT),
        only=Action(checked["only"]) if "only" in checked else None,
        returning=checked.get("returning", False),
        end_sessions=checked.get("end_sessions", False),
        timeouts={name: checked[name] for name in TIMEOUTS if name in checked},
    )


def _check_secret(secret: str, tenant: str) -> None:
    found = _SECRET.fullmatch(secret)
    name = (found["arn"] or found["name"]) if found else ""
    if not re.fullmatch(rf"rds/tenant/{re.escape(tenant)}/[a-z0-9-]+/password", name):
        raise RejectedRequestError(
            f"event.secret_arn must be the name or ARN of rds/tenant/{tenant}/<suffix>/password"
        )
