"""Types of fields that several entries of the registry have, each with what a message expects there."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeVar, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from config import formats

TENANT_ID: Final = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
TENANT_ID_LENGTH: Final = 30
"""`saas-platform-{t}-data-{s}` takes 63 characters with an environment suffix of 12 only if the id has 31 or
fewer (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html)."""
LISTENER_PRIORITIES: Final = range(1, 50_001)
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html"""
REASON_EXPECTED: Final = "in a sentence of 15 to 500 characters"
Reason = Annotated[
    str, StringConstraints(pattern=r"^[^\x00-\x20\x7f][^\x00-\x1f\x7f]{13,498}[^\x00-\x20\x7f]$")
]
"""Why protection is lifted, or something is done that cannot be undone."""


class RegistryEntry(BaseModel):
    """A mapping of the registry: no unknown key, and no value that is converted."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


def _whole_number(value: object) -> object:
    """Refuse what Python takes for equal to a whole number: `True == 1 == 1.0`."""
    if value is not None and type(value) is not int:
        raise ValueError("no whole number")
    return value


def _unreserved(id_: str) -> str:
    if id_ in formats.RESERVED_HOSTS:
        raise ValueError("reserved")
    return id_


TextT = TypeVar("TextT", bound=str)


def distinct(values: tuple[TextT, ...]) -> tuple[TextT, ...]:
    """Return `values` in their order, each of which is there once.

    Raises:
        ValueError: one is there twice.
    """
    if len(set(values)) != len(values):
        raise ValueError("repeated")
    return tuple(sorted(values))


LogRetention = Annotated[
    Literal[
        1,
        3,
        5,
        7,
        14,
        30,
        60,
        90,
        120,
        150,
        180,
        365,
        400,
        545,
        731,
        1096,
        1827,
        2192,
        2557,
        2922,
        3288,
        3653,
    ],
    BeforeValidator(_whole_number),
]
"""Days that PutRetentionPolicy admits
(https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html)."""
ObjectExpiration = Annotated[int, Field(ge=1, le=36_500)] | Literal["never"] | None
"""Days, `never`, or what the profile says."""
RetiredId = Annotated[str, StringConstraints(pattern=TENANT_ID, max_length=TENANT_ID_LENGTH)]
TenantId = Annotated[RetiredId, AfterValidator(_unreserved)]

TENANT_ID_EXPECTED: Final = (
    f"a tenant id: 1 to {TENANT_ID_LENGTH} lowercase letters, digits and single hyphens between them, "
    "a letter first, such as 'acme-corp', and no host that the platform keeps for itself, such as 'www'"
)
_RETENTION_DAYS: Final = get_args(get_args(LogRetention)[0])
RETENTION_EXPECTED: Final = (
    f"days of log retention that CloudWatch admits: {', '.join(map(str, _RETENTION_DAYS))}"
)
EXPIRATION_EXPECTED: Final = (
    "age in days at which objects expire, 1 to 36500, or 'never'; null is the profile's"
)
PRIORITY_EXPECTED: Final = "a listener rule's priority, 1 to 50000, that no other tenant has or had"
