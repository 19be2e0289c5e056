"""The `Tenant Signup` event."""

from __future__ import annotations

from dataclasses import dataclass

from runtime.schema import SchemaError, compiled
from runtime.silo import TENANT_ID_PATTERN

SOURCE, DETAIL_TYPE = "custom.signup", "Tenant Signup"
DEFAULT_PLAN = "standard"

# https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
_SCHEMA = {
    "type": "object",
    "required": ["id", "source", "detail-type", "time", "detail"],
    "properties": {
        "id": {"type": "string", "minLength": 1, "maxLength": 128},
        "source": {"const": SOURCE},
        "detail-type": {"const": DETAIL_TYPE},
        "time": {
            "type": "string",
            "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?Z\Z",
        },
        "detail": {
            "type": "object",
            "required": ["tenantId"],
            # There may be more, such as a name or an address; none of it is kept.
            "properties": {
                "tenantId": {"type": "string", "pattern": rf"^{TENANT_ID_PATTERN}\Z"},
                "plan": {"type": "string", "pattern": r"^[a-z][a-z0-9-]{0,31}\Z"},
            },
        },
    },
}
_check = compiled(_SCHEMA)


class RejectedEventError(Exception):
    """The event can never be processed. Lambda retries it twice and sends it to the dead-letter queue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signup:
    """A signup of a tenant.

    Attributes:
        event_id: The event's id, which is the same for every delivery.
        tenant_id: The tenant.
        plan: The plan that the tenant chose.
        time: When the tenant signed up, ISO 8601 in UTC.
    """

    event_id: str
    tenant_id: str
    plan: str
    time: str


def read_signup(event: object, tenant_id: str) -> Signup:
    """Return the signup in `event`.

    Args:
        event: The event that EventBridge sends.
        tenant_id: The one tenant whose signup is accepted.

    Raises:
        RejectedEventError: The event is malformed or another tenant's. The message says where, and repeats no value
            of the event, which may be personal.
    """
    try:
        checked = _check(event)
    except SchemaError as error:
        raise RejectedEventError(f"malformed signup event: {error}") from None
    detail = checked["detail"]
    if detail["tenantId"] != tenant_id:
        raise RejectedEventError(
            f"signup event of another tenant: event.detail.tenantId is not {tenant_id!r}"
        )
    return Signup(
        event_id=checked["id"],
        tenant_id=tenant_id,
        plan=detail.get("plan", DEFAULT_PLAN),
        time=checked["time"],
    )
