"""The models of a tenant: its silo, its service on the shared platform, or both.

A field's description is what an error message expects there and what an editor shows on hover, in one text.
"""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, StringConstraints

from config import formats, timestamps
from config.registry.custom_hosts import CustomHosts
from config.registry.databases import TenantDatabase
from config.registry.environments import BUDGET_EXPECTED, EXTENSIONS_EXPECTED, Extensions, MonthlyBudget
from config.registry.fields import (
    EXPIRATION_EXPECTED,
    LISTENER_PRIORITIES,
    PRIORITY_EXPECTED,
    REASON_EXPECTED,
    RETENTION_EXPECTED,
    LogRetention,
    ObjectExpiration,
    Reason,
    RegistryEntry,
    distinct,
)
from config.registry.networks import NETWORK_EXPECTED, SiloCidr
from config.registry.tasks import (
    DESTINATIONS_EXPECTED,
    FOLDERS_EXPECTED,
    USER_EXPECTED,
    EgressDestinations,
    User,
    WritableFolders,
)
from config.timestamps import Timestamp

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


class Silo(RegistryEntry):
    """A tenant's own stack, `tenant-{t}-{s}`."""

    cidr: SiloCidr = Field(description=NETWORK_EXPECTED)
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
        AfterValidator(distinct),
    ] = Field(
        (),
        description=f"a list of the names of roles in the environment's account, each once and at most {MOST_CALLERS}, "
        "whose signed requests the API answers; at least one, or a reader, where 'api_authorization' is 'iam', "
        "and none elsewhere",
    )
    api_readers: Annotated[
        tuple[RoleName, ...],
        Field(strict=False, max_length=MOST_CALLERS, json_schema_extra={"uniqueItems": True}),
        AfterValidator(distinct),
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
        None, description=f"{RETENTION_EXPECTED}; null is the profile's"
    )
    object_expiration_days: ObjectExpiration = Field(None, description=EXPIRATION_EXPECTED)
    interface_endpoints: Annotated[
        tuple[InterfaceEndpoint, ...],
        Field(strict=False, json_schema_extra={"uniqueItems": True}),
        AfterValidator(distinct),
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


class Fargate(RegistryEntry):
    """A tenant's service on the shared platform, `shared-platform-{s}`."""

    listener_priority: int = Field(
        ge=LISTENER_PRIORITIES[0], le=LISTENER_PRIORITIES[-1], description=PRIORITY_EXPECTED
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
    egress: EgressDestinations = Field((), description=DESTINATIONS_EXPECTED)
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
        None, description=f"{RETENTION_EXPECTED}; null is the profile's"
    )
    object_expiration_days: ObjectExpiration = Field(None, description=EXPIRATION_EXPECTED)
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


class Tenant(RegistryEntry):
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
