"""The models of the registry's section `environments`: what a suffix stands for, as reviewed as the tenants are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field, JsonValue, StringConstraints

from config import formats
from config.profiles import Mfa, ThreatProtection
from config.regions import REGION_EXPECTED, region
from config.registry.backups import EnvironmentBackup
from config.registry.databases import EnvironmentDatabase
from config.registry.delivery import EnvironmentDelivery
from config.registry.fields import REASON_EXPECTED, Reason, RegistryEntry

ProfileName = Literal["development", "production"]
StateKeys = Literal["account-region", "stack"]
LiftedStack = Literal["platform", "silo"]
LiftedResource = Literal["bucket", "key", "table", "user_pool", "vault"]
RegionName = Annotated[str, AfterValidator(region)]
ImageRegistry = Annotated[str, StringConstraints(pattern=formats.IMAGE_REGISTRY, max_length=200)]
CollectorImage = Annotated[
    str,
    StringConstraints(pattern=formats.PINNED_IMAGE, max_length=formats.IMAGE_LENGTH),
    AfterValidator(formats.image),
]
MonthlyBudget = Annotated[int, Field(ge=1, le=10_000_000)]
BUDGET_EXPECTED: Final = (
    "whole US dollars a month that the tenant may cost before the environment's 'alarm_topic_arn' is told, "
    "1 to 10000000; null is the environment's"
)
MOST_REGISTRIES: Final = 20
LIFTABLE: Final = {
    "platform": ("bucket", "key", "vault"),
    "silo": ("bucket", "key", "table", "user_pool", "vault"),
}
"""What of a tenant's is protected, by the stack that it is in."""


def _day(text: str) -> str:
    if date.fromisoformat(text).isoformat() != text:
        raise ValueError("no day")
    return text


Extensions = Mapping[str, JsonValue]
EXTENSIONS_EXPECTED: Final = (
    "a mapping of what stacks of your own read, with the keys that 'extensions/planning.py' knows; "
    "{} says nothing"
)


class LiftedProtection(RegistryEntry):
    """Protection that is lifted for one resource of one tenant, so that it can be destroyed."""

    tenant: str = Field(description="the id of a tenant of this registry")
    stack: LiftedStack = Field(description="'silo' (the tenant's own stack) or 'platform' (the shared one)")
    resource: LiftedResource = Field(
        description="'bucket', 'key' or 'vault'; in a silo also 'table' or 'user_pool'"
    )
    reason: Reason = Field(description=f"why its data may be lost, {REASON_EXPECTED}")
    until: Annotated[str, AfterValidator(_day)] = Field(
        pattern="^20[0-9]{2}-[0-9]{2}-[0-9]{2}$",
        description="the last day in UTC on which Terraform plans it so, such as '2026-12-31'",
    )


class EnvironmentLimits(RegistryEntry):
    """How much of the registry the environment may hold; more is refused at synthesis."""

    silo_tenants: int | None = Field(
        None, ge=0, description="silo tenants at most, 0 or more; null is any number"
    )
    fargate_tenants: int | None = Field(
        None, ge=0, description="Fargate tenants at most, 0 or more; null is any number"
    )
    tasks: int | None = Field(
        None, ge=0, description="tasks of all Fargate tenants together at most, 0 or more; null is any number"
    )


class SignInSettings(RegistryEntry):
    """How users of the silo tenants sign in; what is null is as the profile has it."""

    mfa: Mfa | None = Field(
        None,
        description="'required', 'optional' or 'off': a code of an authenticator application; null is the profile's, "
        "required in production",
    )
    threat_protection: ThreatProtection | None = Field(
        None,
        description="'enforced', 'audit' or 'off': what Cognito does about leaked passwords and sign-ins that look "
        "stolen, paid by the user; null is the profile's, enforced in production",
    )


class TracingSettings(RegistryEntry):
    """What sends traces to AWS X-Ray, which charges for each trace."""

    collector_image: CollectorImage | None = Field(
        None,
        description="the AWS Distro for OpenTelemetry's collector as an image by digest, 'name@sha256:...', which runs "
        "beside each Fargate tenant's container and sends its traces; null traces no task",
    )
    untraced_functions: Reason | None = Field(
        None, description=f"why no function sends traces, {REASON_EXPECTED}; null traces them"
    )


class Environment(RegistryEntry):
    """What one suffix stands for. A run's variables may repeat it, and may not contradict it."""

    profile: ProfileName = Field(
        description="'development' (easy to tear down) or 'production' (protects data)"
    )
    account: str = Field(
        pattern=formats.ACCOUNT_ID,
        description="the AWS account, 12 digits in quotes, such as '123456789012': Terraform plans with no other's "
        "credentials",
    )
    region: RegionName = Field(description=REGION_EXPECTED)
    state_bucket: Annotated[str, AfterValidator(formats.bucket_name)] | None = Field(
        None,
        description=f"{formats.BUCKET_EXPECTED}: the bucket of the state; null leaves it to STATE_BUCKET",
    )
    state_keys: StateKeys = Field(
        "account-region",
        description="'account-region' (states are under '{account}/{region}/') or 'stack' (they are not: for an "
        "environment that was deployed before it was declared)",
    )
    package_bucket: Annotated[str, AfterValidator(formats.bucket_name)] | None = Field(
        None,
        description=f"{formats.BUCKET_EXPECTED}: the bucket, of the region, that functions take their code from; null "
        "leaves it to PACKAGE_BUCKET",
    )
    image_registries: Annotated[
        tuple[ImageRegistry, ...],
        Field(strict=False, max_length=MOST_REGISTRIES, json_schema_extra={"uniqueItems": True}),
    ] = Field(
        (),
        description=f"a list of at most {MOST_REGISTRIES} registries, or folders of registries, each once, such as "
        "'public.ecr.aws/nginx', that tasks take images from besides the account's own ECR of the region; "
        "in production from no other",
    )
    alarm_topic_arn: str | None = Field(
        None,
        pattern=formats.TOPIC_ARN,
        description="the ARN of an SNS topic of the environment's account and region, which alarms are sent to; null "
        "sends none",
    )
    monthly_budget_usd: MonthlyBudget | None = Field(
        None,
        description="whole US dollars a month that a tenant may cost before 'alarm_topic_arn' is told, 1 to 10000000, "
        "unless the tenant says its own; null is no budget",
    )
    dashboards: bool | None = Field(
        None,
        description="true or false: whether what has an alarm is on a dashboard, one for the environment and one for "
        "each tenant; null is the profile's, true in production",
    )
    sign_in: SignInSettings = Field(
        SignInSettings(), description="a mapping with the keys 'mfa' and 'threat_protection'"
    )
    tracing: TracingSettings = Field(
        TracingSettings(),
        description="a mapping with the keys 'collector_image' and 'untraced_functions'",
    )
    extensions: Extensions = Field({}, description=EXTENSIONS_EXPECTED)
    database: EnvironmentDatabase = Field(
        EnvironmentDatabase(), description="a mapping with the keys 'instance_class' and 'instances'"
    )
    backup: EnvironmentBackup = Field(
        EnvironmentBackup(), description="a mapping with the keys 'retention_days' and 'copy_to_region'"
    )
    delivery: EnvironmentDelivery | None = Field(
        None,
        description="a mapping with the keys 'image' and 'deployer_role_arn': the environment has a stack that rolls "
        "releases out on AWS; null has none",
    )
    limits: EnvironmentLimits = Field(
        EnvironmentLimits(),
        description="a mapping with the keys 'silo_tenants', 'fargate_tenants' and 'tasks'",
    )
    unprotected: Annotated[tuple[LiftedProtection, ...], Field(strict=False)] = Field(
        (),
        description="a list of mappings with the keys 'tenant', 'stack', 'resource', 'reason' and 'until'",
    )
