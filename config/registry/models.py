"""The registry as a whole, and what it says of the platform and of former tenants.

A field's description is what an error message expects there and what an editor shows on hover, in one text.
"""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Network
from typing import Annotated, Final

from pydantic import Field, StringConstraints

from config import formats, timestamps
from config.registry.environments import Environment
from config.registry.fields import (
    LISTENER_PRIORITIES,
    PRIORITY_EXPECTED,
    REASON_EXPECTED,
    Reason,
    RegistryEntry,
    RetiredId,
    TenantId,
)
from config.registry.networks import NETWORK_EXPECTED, PLATFORM_NETWORK_EXPECTED, PlatformCidr, SiloCidr
from config.registry.tenants import Fargate, Silo, Tenant
from config.timestamps import Timestamp

DOMAIN_LENGTH: Final = 95
"""A load balancer's rule takes a host of 128 characters, of which `*.{t}.` are 33
(https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_HostHeaderConditionConfig.html)."""
EnvironmentSuffix = Annotated[str, StringConstraints(pattern=formats.ENVIRONMENT_SUFFIX)]


class Platform(RegistryEntry):
    """The shared platform of the environment."""

    cidr: PlatformCidr = Field(IPv4Network("10.0.0.0/16"), description=PLATFORM_NETWORK_EXPECTED)
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


class Retired(RegistryEntry):
    """What a former tenant had; none of it is given out again."""

    cidr: SiloCidr | None = Field(None, description=NETWORK_EXPECTED)
    listener_priority: int | None = Field(
        None, ge=LISTENER_PRIORITIES[0], le=LISTENER_PRIORITIES[-1], description=PRIORITY_EXPECTED
    )
    erase: Reason | None = Field(
        None,
        description=f"why its schema in the shared database is dropped for good, {REASON_EXPECTED}; null keeps it",
    )


class Registry(RegistryEntry):
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
        default_factory=dict, description="a mapping from the ids of former tenants to what they had"
    )

    @property
    def silos(self) -> Mapping[str, Silo]:
        """The silo tenants by id, in the order of their ids."""
        return {id_: tenant.silo for id_, tenant in sorted(self.tenants.items()) if tenant.silo}

    @property
    def fargate_tenants(self) -> Mapping[str, Fargate]:
        """The Fargate tenants by id, in the order of their ids."""
        return {id_: tenant.fargate for id_, tenant in sorted(self.tenants.items()) if tenant.fargate}
