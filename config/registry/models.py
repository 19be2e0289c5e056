"""The models of `tenants.yaml`.

A field's description is what an error message expects there and what an editor shows on hover, in one text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Annotated, Final, Literal, TypeVar, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from config import formats, timestamps
from config.registry.custom_hosts import CustomHosts
from config.registry.databases import TenantDatabase
from config.registry.environments import (
    BUDGET_EXPECTED,
    EXTENSIONS_EXPECTED,
    REASON_EXPECTED,
    Environment,
    Extensions,
    MonthlyBudget,
    Reason,
)
from config.registry.tasks import (
    DESTINATIONS_EXPECTED,
    FOLDERS_EXPECTED,
    USER_EXPECTED,
    Destinations,
    User,
    WritableFolders,
)
from config.timestamps import Timestamp

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


def _whole_number(value: object) -> object:
    """Refuse what Python takes for equal to a whole number: `True == 1 == 1.0`."""
    if value is not None and type(value) is not int:
        raise ValueError("no whole number")
    return value


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
InterfaceEndpoint = Literal["events", "kms", "logs"]
ApiAuthorization = Literal["jwt", "iam"]
ApiUserRights = Literal["all", "groups"]
REQUESTS_PER_SECOND: Final = 10_000
REQUEST_BURST: Final = 5_000
"""What a region admits of all APIs of an account together
(https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html, read 2026-11-27)."""
LARGEST_UPLOAD: Final = 5 * 1024**3
"""Bytes that one PUT to S3 may have (https://docs.aws.amazon.com/AmazonS3/latest/userguide/upload-objects.html)."""
MOST_RECORDS: Final = 1_000_000_000
MOST_OBJECTS: Final = 100_000
"""S3 lists them in 100 requests at most, well within the 30 seconds that an HTTP API waits
(https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html,
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html, read 2026-11-28)."""
MOST_OBJECT_BYTES: Final = 10**15
RoleName = Annotated[str, StringConstraints(pattern=formats.ROLE_NAME)]
MOST_CALLERS: Final = 20
"""Their names are in a function's environment, which has 4 KB
(https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, read 2026-11-27)."""


_WRITTEN_CIDR: Final = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}/[1-9][0-9]?")
"""Python also reads a mask, or zeros in front."""


def silo_cidr(value: object) -> IPv4Network:
    """Return the network that `value` names, which a silo may have.

    Raises:
        ValueError: it names none, a public one, or one of the wrong size.
    """
    if not isinstance(value, str) or not _WRITTEN_CIDR.fullmatch(value):
        raise ValueError("no network")
    network = IPv4Network(value)
    if not any(network.subnet_of(private) for private in PRIVATE_RANGES):
        raise ValueError("not private")
    if not SHORTEST_PREFIX <= network.prefixlen <= LONGEST_PREFIX:
        raise ValueError("wrong size")
    return network


def platform_cidr(value: object) -> IPv4Network:
    """Return the network that `value` names, which the platform may have.

    Raises:
        ValueError: it names none, a public one, or one of the wrong size.
    """
    network = silo_cidr(value)
    if network.prefixlen > LONGEST_PLATFORM_PREFIX:
        raise ValueError("wrong size")
    return network


def _unreserved(id_: str) -> str:
    if id_ in formats.RESERVED_HOSTS:
        raise ValueError("reserved")
    return id_


_Text = TypeVar("_Text", bound=str)


def _distinct(values: tuple[_Text, ...]) -> tuple[_Text, ...]:
    if len(set(values)) != len(values):
        raise ValueError("repeated")
    return tuple(sorted(values))


def _cidr_pattern(longest: int) -> str:
    """Return the pattern of the private networks from `SHORTEST_PREFIX` to `longest`."""
    octet = "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
    thirds = "|".join(
        f"({'|'.join(map(str, range(0, 256, 1 << (24 - length))))})\\.0/{length}"
        for length in range(SHORTEST_PREFIX, longest + 1)
    )
    return rf"^(10\.{octet}|172\.(1[6-9]|2[0-9]|3[01])|192\.168)\.({thirds})$"


SiloCidr = Annotated[
    IPv4Network,
    BeforeValidator(silo_cidr),
    WithJsonSchema({"type": "string", "pattern": _cidr_pattern(LONGEST_PREFIX)}),
]
PlatformCidr = Annotated[
    IPv4Network,
    BeforeValidator(platform_cidr),
    WithJsonSchema({"type": "string", "pattern": _cidr_pattern(LONGEST_PLATFORM_PREFIX)}),
]
RetiredId = Annotated[str, StringConstraints(pattern=TENANT_ID, max_length=TENANT_ID_LENGTH)]
TenantId = Annotated[RetiredId, AfterValidator(_unreserved)]
EnvironmentSuffix = Annotated[str, StringConstraints(pattern=formats.ENVIRONMENT_SUFFIX)]

TENANT_ID_EXPECTED: Final = (
    f"a tenant id: 1 to {TENANT_ID_LENGTH} lowercase letters, digits and single hyphens between them, "
    "a letter first, such as 'acme-corp', and no host that the platform keeps for itself, such as 'www'"
)
_NETWORK_EXPECTED: Final = (
    "a network inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, from /16 to /22, such as '10.4.0.0/16'"
)
_PLATFORM_NETWORK_EXPECTED: Final = (
    "a network inside 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16, from /16 to /20, such as '10.0.0.0/16'"
)
_RETENTION_DAYS: Final = get_args(get_args(LogRetention)[0])
_RETENTION_EXPECTED: Final = (
    f"days of log retention that CloudWatch admits: {', '.join(map(str, _RETENTION_DAYS))}"
)
_EXPIRATION_EXPECTED: Final = (
    "age in days at which objects expire, 1 to 36500, or 'never'; null is the profile's"
)
_PRIORITY_EXPECTED: Final = "a listener rule's priority, 1 to 50000, that no other tenant has or had"


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Silo(_Entry):
    """A tenant's own stack, `tenant-{t}-{s}`."""

    cidr: SiloCidr = Field(description=_NETWORK_EXPECTED)
    reserved_concurrency: Annotated[int, Field(ge=1, le=10_000)] | None = Field(
        10,
        description="concurrent executions kept for the API's function, 1 or more; null reserves none "
        "(a new account has 10 in all, and 100 must stay unreserved)",
    )
    api_authorization: ApiAuthorization = Field(
        "jwt", description="'jwt' (access tokens of the tenant's own user pool) or 'iam' (signed requests)"
    )
    api_callers: Annotated[
        tuple[RoleName, ...],
        Field(strict=False, max_length=MOST_CALLERS, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_distinct),
    ] = Field(
        (),
        description=f"a list of the names of roles in the environment's account, each once and at most {MOST_CALLERS}, "
        "whose signed requests the API answers; at least one, or a reader, where 'api_authorization' is 'iam', "
        "and none elsewhere",
    )
    api_readers: Annotated[
        tuple[RoleName, ...],
        Field(strict=False, max_length=MOST_CALLERS, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_distinct),
    ] = Field(
        (),
        description=f"a list of the names of further roles, each once and at most {MOST_CALLERS}, "
        "whose signed requests the API answers where they change nothing; none where 'api_authorization' is not 'iam'",
    )
    api_user_rights: ApiUserRights = Field(
        "all",
        description="'all' (each user of the pool reads and writes) or 'groups' (members of its group 'writers' do, "
        "those of 'readers' read, others do neither); 'all' where 'api_authorization' is 'iam'",
    )
    requests_per_second: int = Field(
        50,
        ge=1,
        le=REQUESTS_PER_SECOND,
        description=f"requests a second that the API takes in the long run, 1 to {REQUESTS_PER_SECOND}; more are "
        "answered with 429",
    )
    request_burst: int = Field(
        100,
        ge=1,
        le=REQUEST_BURST,
        description=f"requests that the API takes at once, 1 to {REQUEST_BURST}; more are answered with 429",
    )
    largest_object_bytes: int = Field(
        LARGEST_UPLOAD,
        ge=1,
        le=LARGEST_UPLOAD,
        description=f"bytes of the largest object that the API takes, 1 to {LARGEST_UPLOAD} (5 GiB); more are answered "
        "with 413",
    )
    most_records: int | None = Field(
        None,
        ge=1,
        le=MOST_RECORDS,
        description=f"records that the API keeps for the tenant, 1 to {MOST_RECORDS}; more are answered with 409; null "
        "is any number",
    )
    most_objects: int | None = Field(
        None,
        ge=1,
        le=MOST_OBJECTS,
        description=f"objects that the API keeps for the tenant, 1 to {MOST_OBJECTS}; more are answered with 409; null "
        "is any number",
    )
    most_object_bytes: int | None = Field(
        None,
        ge=1,
        le=MOST_OBJECT_BYTES,
        description=f"bytes that the tenant's objects have together, 1 to {MOST_OBJECT_BYTES}, where 'most_objects' is "
        "given; more are answered with 409; null is any number",
    )
    log_retention_days: LogRetention | None = Field(
        None, description=f"{_RETENTION_EXPECTED}; null is the profile's"
    )
    object_expiration_days: ObjectExpiration = Field(None, description=_EXPIRATION_EXPECTED)
    interface_endpoints: Annotated[
        tuple[InterfaceEndpoint, ...],
        Field(strict=False, json_schema_extra={"uniqueItems": True}),
        AfterValidator(_distinct),
    ] = Field(
        ("events",),
        description="a list of interface endpoints, each once, of 'events', 'kms' and 'logs'; without 'events' "
        "the provisioner cannot announce what it did",
    )
    tier: Literal["canary"] | None = Field(
        None, description="'canary' where releases come first; null is any other silo"
    )
    release: Literal["paused"] | None = Field(
        None, description="'paused' keeps releases out of this silo; null is any other silo"
    )


class Fargate(_Entry):
    """A tenant's service on the shared platform, `shared-platform-{s}`."""

    listener_priority: int = Field(
        ge=LISTENER_PRIORITIES[0], le=LISTENER_PRIORITIES[-1], description=_PRIORITY_EXPECTED
    )
    image: Annotated[str, AfterValidator(formats.image)] = Field(
        "nginx:latest",
        pattern=formats.IMAGE,
        max_length=formats.IMAGE_LENGTH,
        description="a container image, such as 'nginx:latest' or 'repository/name@sha256:...'",
    )
    user: User = Field("101:101", description=USER_EXPECTED)
    writable_folders: WritableFolders = Field(("/run", "/var/cache/nginx"), description=FOLDERS_EXPECTED)
    unconfined: Reason | None = Field(
        None,
        description="why the container runs as its image says, with Linux capabilities and a root file system that it "
        f"can write to, {REASON_EXPECTED}; null confines it",
    )
    custom_hosts: CustomHosts | None = Field(
        None,
        description=f"a mapping with the keys {', '.join(map(repr, CustomHosts.model_fields))}; absent where "
        "the tenant answers below the platform's domain alone",
    )
    egress: Destinations = Field((), description=DESTINATIONS_EXPECTED)
    minimum_tasks: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        None,
        description="tasks that always run, 1 or more, in production 3 or more; null is the profile's (2, or 3 in "
        "production)",
    )
    maximum_tasks: int = Field(
        8, ge=1, le=1000, description="tasks that scaling stops at, no fewer than minimum_tasks"
    )
    requests_per_task: int = Field(
        1000,
        ge=1,
        le=10_000_000,
        description="requests a minute that one task is meant to answer, 1 or more: scaling keeps the mean at it",
    )
    log_retention_days: LogRetention | None = Field(
        None, description=f"{_RETENTION_EXPECTED}; null is the profile's"
    )
    object_expiration_days: ObjectExpiration = Field(None, description=_EXPIRATION_EXPECTED)
    large_bodies: Reason | None = Field(
        None,
        description="why bodies over 8 KB, whose rest the web ACL does not inspect, reach this tenant, "
        f"{REASON_EXPECTED}; null answers them with 413 where there is a web ACL",
    )
    web_acl_counts: Reason | None = Field(
        None,
        description="why the web ACL's managed rules count this tenant's requests instead of blocking them, "
        f"{REASON_EXPECTED}; null blocks them where there is a web ACL",
    )
    database: TenantDatabase = Field(
        TenantDatabase(),
        description=f"a mapping with the keys {', '.join(map(repr, TenantDatabase.model_fields))}",
    )
    returns: Reason | None = Field(
        None,
        description=f"why this tenant gets what an earlier one of its id left in the database, {REASON_EXPECTED}; null "
        "is a new tenant, which gets nothing of another's",
    )


class Tenant(_Entry):
    """One tenant: in a silo, on the shared platform, or both."""

    created_at: Timestamp | None = Field(
        None,
        description=f"{timestamps.EXPECTED}; null is the registry's",
    )
    monthly_budget_usd: MonthlyBudget | None = Field(None, description=BUDGET_EXPECTED)
    silo: Silo | None = Field(
        None, description="a mapping with the key 'cidr'; absent where there is no silo"
    )
    fargate: Fargate | None = Field(
        None, description="a mapping with the key 'listener_priority'; absent where there is no service"
    )
    extensions: Extensions = Field({}, description=EXTENSIONS_EXPECTED)


class Platform(_Entry):
    """The shared platform of the environment."""

    cidr: PlatformCidr = Field(IPv4Network("10.0.0.0/16"), description=_PLATFORM_NETWORK_EXPECTED)
    domain: str = Field(
        "example.com",
        pattern=formats.DOMAIN,
        max_length=DOMAIN_LENGTH,
        description=f"a domain name of at most {DOMAIN_LENGTH} characters, such as 'example.com'; tenants answer at "
        "'{tenant}.{domain}'",
    )
    certificate_arn: str | None = Field(
        None,
        pattern=formats.CERTIFICATE_ARN,
        description="the ARN of an ACM certificate for '*.{domain}', of the platform's region; null with "
        "'hosted_zone_id' issues one, without it serves plain HTTP, which production refuses",
    )
    hosted_zone_id: str | None = Field(
        None,
        pattern=formats.HOSTED_ZONE_ID,
        description="the id of the public Route 53 hosted zone of the domain, such as 'Z0123456789ABCDEFGHIJ', "
        "through which a certificate for '{domain}' and '*.{domain}' is issued and renewed; null where "
        "'certificate_arn' is given",
    )
    requests_per_address: int = Field(
        6000,
        ge=10,
        le=2_000_000_000,
        description="requests in five minutes of one address to all tenants together, 10 or more, where there is a web "
        "ACL; more are answered with 429",
    )


class Retired(_Entry):
    """What a tenant that left had; none of it is given out again."""

    cidr: SiloCidr | None = Field(None, description=_NETWORK_EXPECTED)
    listener_priority: int | None = Field(
        None, ge=LISTENER_PRIORITIES[0], le=LISTENER_PRIORITIES[-1], description=_PRIORITY_EXPECTED
    )
    erase: Reason | None = Field(
        None,
        description=f"why its schema in the shared database is dropped for good, {REASON_EXPECTED}; null keeps it",
    )


class Registry(_Entry):
    """All tenants and the platform, validated as a whole."""

    created_at: Timestamp = Field(description=f"{timestamps.EXPECTED}: the tag CreatedAt")
    platform: Platform | None = Field(
        None, description="a mapping with the platform's settings; absent where there is no shared platform"
    )
    environments: Mapping[EnvironmentSuffix, Environment] = Field(
        default_factory=dict,
        description="a mapping from environment suffixes to mappings with 'profile', 'account' and 'region'",
    )
    tenants: Mapping[TenantId, Tenant] = Field(
        description="a mapping from tenant ids to mappings with 'silo', 'fargate' or both"
    )
    retired: Mapping[RetiredId, Retired] = Field(
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
