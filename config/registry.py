"""The tenant registry: models of `tenants.yaml`, and its validation as a whole.

A field's description is what an error message expects there and what an editor shows on hover, in one text.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Any, Final, Literal, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)
from pydantic.fields import FieldInfo

from config import timestamps
from config.problems import ConfigurationError, Problem
from config.profiles import Profile
from config.timestamps import Timestamp
from config.yaml_file import Document, Location, read_yaml

PRIVATE_RANGES: Final = tuple(map(IPv4Network, ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")))
"""RFC 1918."""
SHORTEST_PREFIX, LONGEST_PREFIX = 16, 22
"""A VPC takes /16 to /28 (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html); below /22
there is no room for two subnets of 256 addresses and as many again to grow into."""
LONGEST_PLATFORM_PREFIX: Final = 20
"""The platform's subnets are the second to the fourth and the twelfth to the fourteenth /24 of its block."""
TENANT_ID: Final = r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
TENANT_ID_LENGTH: Final = 30
"""`saas-platform-{t}-data-{s}` takes 63 characters with an environment suffix of 12 only if the id has 31 or
fewer (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html)."""
DOMAIN_LENGTH: Final = 95
"""A load balancer's rule takes a host of 128 characters, of which `*.{t}.` are 33
(https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HostHeaderConditionConfig.html)."""
LISTENER_PRIORITIES: Final = range(1, 50_001)
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateRule.html"""

LogRetention = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]
"""Days that PutRetentionPolicy admits
(https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html)."""
InterfaceEndpoint = Literal["events", "kms", "logs"]
ApiAuthorization = Literal["jwt", "iam"]


def _network(value: object) -> IPv4Network:
    if not isinstance(value, str) or "/" not in value:
        raise ValueError("no network")
    network = IPv4Network(value)
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        raise ValueError("not private")
    if not SHORTEST_PREFIX <= network.prefixlen <= LONGEST_PREFIX:
        raise ValueError("wrong size")
    return network


def _platform_network(value: object) -> IPv4Network:
    network = _network(value)
    if network.prefixlen > LONGEST_PLATFORM_PREFIX:
        raise ValueError("wrong size")
    return network


def _distinct(values: tuple[InterfaceEndpoint, ...]) -> tuple[InterfaceEndpoint, ...]:
    if len(set(values)) != len(values):
        raise ValueError("repeated")
    return tuple(sorted(values))


Network = Annotated[
    IPv4Network,
    BeforeValidator(_network),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+){3}/(1[6-9]|2[0-2])$"}),
]
PlatformNetwork = Annotated[
    IPv4Network,
    BeforeValidator(_platform_network),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+(\.[0-9]+){3}/(1[6-9]|20)$"}),
]
TenantId = Annotated[str, StringConstraints(pattern=TENANT_ID, max_length=TENANT_ID_LENGTH)]

_TENANT_ID_EXPECTED: Final = (
    f"a tenant id: 1 to {TENANT_ID_LENGTH} lowercase letters, digits and single hyphens between them, "
    "a letter first, such as 'acme-corp'"
)
_NETWORK_EXPECTED: Final = (
    "a network inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, from /16 to /22, such as '10.4.0.0/16'"
)
_PLATFORM_NETWORK_EXPECTED: Final = (
    "a network inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, from /16 to /20, such as '10.0.0.0/16'"
)
_RETENTION_EXPECTED: Final = (
    f"days of log retention that CloudWatch admits: {', '.join(map(str, get_args(LogRetention)))}"
)
_PRIORITY_EXPECTED: Final = "a listener rule's priority, 1 to 50000, that no other tenant has or had"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Silo(_Entry):
    """A tenant's own stack, `tenant-{t}-{s}`."""

    cidr: Network = Field(description=_NETWORK_EXPECTED)
    reserved_concurrency: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        10,
        description="concurrent executions kept for the API's function, 1 or more; null reserves none "
        "(a new account has 10 in all, and 100 must stay unreserved)",
    )
    api_authorization: ApiAuthorization = Field(
        "jwt", description="'jwt' (tokens of the tenant's own user pool) or 'iam' (signed requests)"
    )
    log_retention_days: LogRetention | None = Field(
        None, description=f"{_RETENTION_EXPECTED}; null is the profile's"
    )
    object_expiration_days: Annotated[int, Field(ge=1, le=36_500)] | Literal["never"] | None = Field(
        None, description="age in days at which objects expire, 1 to 36500, or 'never'; null is the profile's"
    )
    interface_endpoints: Annotated[
        tuple[InterfaceEndpoint, ...], Field(strict=False), AfterValidator(_distinct)
    ] = Field(
        ("events",),
        description="a list of interface endpoints, each once, of 'events', 'kms' and 'logs'; without 'events' "
        "the provisioner cannot announce what it did",
    )


class Fargate(_Entry):
    """A tenant's service on the shared platform, `shared-platform-{s}`."""

    listener_priority: int = Field(
        ge=LISTENER_PRIORITIES[0], le=LISTENER_PRIORITIES[-1], description=_PRIORITY_EXPECTED
    )
    image: str = Field(
        "nginx:latest",
        pattern=r"^[a-z0-9][a-z0-9._/:-]*(@sha256:[0-9a-f]{64}|:[\w][\w.-]{0,127})?$",
        description="a container image, such as 'nginx:latest' or 'repository/name@sha256:...'",
    )
    minimum_tasks: int = Field(2, ge=1, le=1000, description="tasks that always run, 1 or more")
    maximum_tasks: int = Field(
        8, ge=1, le=1000, description="tasks that scaling stops at, no fewer than minimum_tasks"
    )
    log_retention_days: LogRetention | None = Field(
        None, description=f"{_RETENTION_EXPECTED}; null is the profile's"
    )


class Tenant(_Entry):
    """One tenant: in a silo, on the shared platform, or both."""

    created_at: Timestamp | None = Field(
        None,
        description=f"{timestamps.EXPECTED}; null is the registry's",
    )
    silo: Silo | None = Field(
        None, description="a mapping with the key 'cidr'; absent where there is no silo"
    )
    fargate: Fargate | None = Field(
        None, description="a mapping with the key 'listener_priority'; absent where there is no service"
    )


class Platform(_Entry):
    """The shared platform of the environment."""

    cidr: PlatformNetwork = Field(IPv4Network("10.0.0.0/16"), description=_PLATFORM_NETWORK_EXPECTED)
    domain: str = Field(
        "example.com",
        pattern=r"^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$",
        max_length=DOMAIN_LENGTH,
        description=f"a domain name of at most {DOMAIN_LENGTH} characters, such as 'example.com'; tenants answer at "
        "'{tenant}.{domain}'",
    )
    certificate_arn: str | None = Field(
        None,
        pattern=r"^arn:aws[a-z-]*:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]{36}$",
        description="the ARN of an ACM certificate for '*.{domain}'; null serves plain HTTP",
    )


class Retired(_Entry):
    """What a tenant that left had; none of it is given out again."""

    cidr: Network | None = Field(None, description=_NETWORK_EXPECTED)
    listener_priority: int | None = Field(
        None, ge=LISTENER_PRIORITIES[0], le=LISTENER_PRIORITIES[-1], description=_PRIORITY_EXPECTED
    )


class Registry(_Entry):
    """All tenants and the platform, validated as a whole."""

    created_at: Timestamp = Field(description=f"{timestamps.EXPECTED}: the tag CreatedAt")
    platform: Platform | None = Field(
        None, description="a mapping with the platform's settings; absent where there is no shared platform"
    )
    tenants: Mapping[TenantId, Tenant] = Field(
        description="a mapping from tenant ids to mappings with 'silo', 'fargate' or both"
    )
    retired: Mapping[TenantId, Retired] = Field(
        default_factory=dict, description="a mapping from ids of tenants that left to what they had"
    )

    @property
    def silos(self) -> Mapping[str, Silo]:
        """The silo tenants by id, in the order of their ids."""
        return {id_: tenant.silo for id_, tenant in sorted(self.tenants.items()) if tenant.silo}

    @property
    def fargate_tenants(self) -> Mapping[str, Fargate]:
        """The Fargate tenants by id, in the order of their ids."""
        return {id_: tenant.fargate for id_, tenant in sorted(self.tenants.items()) if tenant.fargate}


def load_registry(path: Path, *, name: str, profile: Profile) -> Registry:
    """Read the registry at `path` and validate it whole.

    Args:
        path: the YAML file.
        name: how messages name it.
        profile: of the environment; some rules hold in production alone.

    Raises:
        ConfigurationError: every mistake in the file, in the order of its lines.
    """
    document = read_yaml(path, name=name)
    found: list[tuple[Location, Problem]] = []
    registry = None
    try:
        registry = Registry.model_validate(document.value)
    except ValidationError as error:
        found += _field_problems(document, error)
    found += _allocation_problems(document)
    found += _entry_problems(document, profile)
    if document.problems or found or registry is None:
        found += [(location, problem) for location, problem in document.problems]
        ordered = sorted(found, key=lambda item: document.line(item[0]))
        raise ConfigurationError([problem for _, problem in ordered])
    return registry


def json_schema() -> dict[str, Any]:
    """Return the registry's JSON Schema (draft 2020-12), for editors."""
    schema = Registry.model_json_schema()
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Tenant registry"
    for mapping in ("tenants", "retired"):
        # pydantic knows the key's pattern and length; JSON Schema has propertyNames for that.
        schema["properties"][mapping]["propertyNames"] = {"pattern": TENANT_ID, "maxLength": TENANT_ID_LENGTH}
    return schema


def _field_problems(document: Document, error: ValidationError) -> Iterator[tuple[Location, Problem]]:
    """Turn pydantic's errors, each about one field, into problems; one for each place."""
    seen: set[Location] = set()
    for detail in error.errors():
        of_key = detail["loc"][-1:] == ("[key]",)
        location, expected = _place(detail["loc"][:-1] if of_key else detail["loc"])
        if location in seen:
            continue
        seen.add(location)
        received = None if detail["type"] == "missing" else detail["input"]
        if detail["type"] == "extra_forbidden":
            received = location[-1]
        if of_key:
            received, expected = location[-1], _TENANT_ID_EXPECTED
        if isinstance(received, Mapping | list) and detail["type"] not in {"missing", "extra_forbidden"}:
            received = f"a {'mapping' if isinstance(received, Mapping) else 'list'}"
        yield location, Problem(where=document.where(location), received=received, expected=expected)


def _place(loc: tuple[int | str, ...]) -> tuple[Location, str]:
    """Return the location in the file that pydantic's `loc` names, and what the models expect there.

    `loc` also names branches of unions (`int`, `literal[...]`), which are no keys of the file.
    """
    model: type[BaseModel] | None = Registry
    location: list[str | int] = []
    expected = "a mapping with the keys 'created_at' and 'tenants'"
    remaining = list(loc)
    while remaining:
        step = remaining.pop(0)
        if model is None:
            if isinstance(step, int):
                location.append(step)
            continue
        location.append(step)
        field = model.model_fields.get(str(step))
        if field is None:
            return tuple(location), f"one of the keys {', '.join(map(repr, model.model_fields))}"
        expected = field.description or ""
        model, keyed = _nested(field)
        if keyed and remaining:
            location.append(remaining.pop(0))
            if remaining:
                continue
            expected = (
                f"a mapping with the keys {', '.join(map(repr, model.model_fields))}" if model else expected
            )
    return tuple(location), expected


def _nested(field: FieldInfo) -> tuple[type[BaseModel] | None, bool]:
    """Return the model that `field` holds, if any, and whether it holds one for each key."""
    candidates: list[Any] = [field.annotation]
    keyed = False
    while candidates:
        candidate = candidates.pop()
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate, keyed
        arguments = get_args(candidate)
        keyed = keyed or (len(arguments) == 2 and arguments[0] is not None and "Mapping" in str(candidate))  # noqa: PLR2004
        candidates += arguments
    return None, False


def _mapping(value: object, *keys: str) -> Mapping[str, Any]:
    """Return the mapping at `keys` below `value`, empty where there is none: the file may be wrong anywhere."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _allocation_problems(document: Document) -> Iterator[tuple[Location, Problem]]:
    """Yield what two entries of the file claim at once. Works on whatever of the file can be read."""
    yield from _network_problems(document)
    yield from _priority_problems(document)


def _network_problems(document: Document) -> Iterator[tuple[Location, Problem]]:
    """Yield the networks that overlap an earlier claim's, in `O(n log n)` of the claims."""
    tenants, retired = _mapping(document.value, "tenants"), _mapping(document.value, "retired")
    claims: list[tuple[Location, object]] = []
    platform = _mapping(document.value).get("platform")
    if isinstance(platform, Mapping):
        claims.append((("platform", "cidr"), platform.get("cidr", "10.0.0.0/16")))
    claims += [(("retired", id_, "cidr"), _mapping(retired, id_).get("cidr")) for id_ in retired]
    claims += [
        (("tenants", id_, "silo", "cidr"), _mapping(tenants, id_, "silo").get("cidr")) for id_ in tenants
    ]
    readable: list[tuple[IPv4Network, int]] = []
    for position, (_, value) in enumerate(claims):
        with contextlib.suppress(ValueError):
            readable.append((_network(value), position))
    # Blocks either nest or are apart: in the order of their addresses, a block overlaps just those still open.
    opened: list[tuple[IPv4Network, int]] = []
    for network, position in sorted(readable):
        while opened and opened[-1][0].broadcast_address < network.network_address:
            opened.pop()
        for other, other_position in opened:
            earlier, later = sorted((position, other_position))
            first = other if earlier == other_position else network
            location, value = claims[later]
            expected = f"a network that does not overlap {first} of {_path(claims[earlier][0])}"
            yield location, Problem(where=document.where(location), received=value, expected=expected)
        opened.append((network, position))


def _priority_problems(document: Document) -> Iterator[tuple[Location, Problem]]:
    """Yield the listener priorities that an earlier claim has."""
    claimed: dict[int, Location] = {}
    for section, *inside in (("retired",), ("tenants", "fargate")):
        entries = _mapping(document.value, section)
        for id_ in entries:
            location: Location = (section, id_, *inside, "listener_priority")
            priority = _mapping(entries, id_, *inside).get("listener_priority")
            if type(priority) is not int or priority not in LISTENER_PRIORITIES:
                continue
            if priority in claimed:
                expected = f"a priority other than that of {_path(claimed[priority])}"
                yield location, Problem(where=document.where(location), received=priority, expected=expected)
            claimed.setdefault(priority, location)


def _entry_problems(document: Document, profile: Profile) -> Iterator[tuple[Location, Problem]]:
    """Yield what is wrong with one entry as a whole."""
    tenants, retired = _mapping(document.value, "tenants"), _mapping(document.value, "retired")
    for id_, tenant in tenants.items():
        here: Location = ("tenants", id_)
        if id_ in retired:
            line = document.lines["retired", id_]
            expected = f"an id that was never given out (it stands in 'retired' on line {line})"
            yield here, Problem(where=document.where(here), received=id_, expected=expected)
        if isinstance(tenant, Mapping) and not {"silo", "fargate"} & {
            key for key in tenant if tenant[key] is not None
        }:
            yield (
                here,
                Problem(where=document.where(here), received=None, expected="'silo', 'fargate' or both"),
            )
        fargate = _mapping(tenant, "fargate")
        if not fargate:
            continue
        if not _mapping(document.value, "platform") and not isinstance(
            _mapping(document.value).get("platform"), Mapping
        ):
            place: Location = (*here, "fargate")
            expected = "no 'fargate' where the registry has no 'platform'"
            yield place, Problem(where=document.where(place), received="a mapping", expected=expected)
        least, most = fargate.get("minimum_tasks", 2), fargate.get("maximum_tasks", 8)
        if isinstance(least, int) and isinstance(most, int) and least > most >= 1:
            place = (*here, "fargate", "maximum_tasks")
            expected = f"no fewer than the minimum_tasks, {least}"
            yield place, Problem(where=document.where(place), received=most, expected=expected)
        image = fargate.get("image", "nginx:latest")
        if (
            profile.pinned_images
            and isinstance(image, str)
            and not re.search(r"@sha256:[0-9a-f]{64}$", image)
        ):
            place = (*here, "fargate", "image")
            expected = f"an image by digest, 'name@sha256:...': the profile is '{profile.name}'"
            yield place, Problem(where=document.where(place), received=image, expected=expected)


def _path(location: Location) -> str:
    return ".".join(map(str, location))
