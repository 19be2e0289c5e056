"""Settings of one run, from environment variables: which environment, which region, whose tags.

`load_settings` takes the variables as a mapping; only `main.py` passes the process's own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from config import formats, timestamps
from config.problems import ConfigurationError, Problem
from config.profiles import DEVELOPMENT, PRODUCTION, PROFILES, EnvironmentProfile
from config.regions import REGION_EXPECTED, ZONES_EXPECTED, region, zone_problems
from config.registry.environments import Environment
from config.timestamps import Timestamp

TAG_VALUE: Final = r"^[\w+\-=.:/@ ]{1,256}$"
"""Letters, digits, spaces and + - = . _ : / @, at most 256 characters
(https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html). `aws:` begins AWS's own."""


MOST_PROCESSES: Final = 64
SWITCH: Final = ("on", "off")
STACK_ID: Final = r"^[a-z0-9-]+$"
FOLDER: Final = r"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]{1,1024}$"


def _tag_value(value: str) -> str:
    if not re.fullmatch(TAG_VALUE, value) or value != value.strip() or value.lower().startswith("aws:"):
        raise ValueError(
            "a tag value: 1 to 256 letters, digits, spaces and + - = . _ : / @, no space at either end"
        )
    return value


def _folder(value: str) -> str:
    if "${" in value or "%{" in value:
        raise ValueError("Terraform would read a template")
    return value


def _processes(value: object) -> object:
    if isinstance(value, str) and not re.fullmatch("[1-9][0-9]?", value):
        raise ValueError("no number")
    return value


def _switch(value: object) -> bool:
    if value not in SWITCH:
        raise ValueError("neither")
    return value == SWITCH[0]


TagValue = Annotated[str, AfterValidator(_tag_value)]
RegionName = Annotated[str, AfterValidator(region)]


class Settings(BaseModel):
    """What the environment variables say, validated.

    Attributes:
        environment_suffix: part of every stack id, state key and physical name.
        region: AWS region of all stacks.
        availability_zones: of the region, in which stacks are deployed; empty means those that every account has there.
        profile: how data, keys and logs are treated.
        repository: value of the tag Repository.
        commit_author: value of the tag Author.
        pr_number: value of the tag PRNumber.
        team: value of the tag Team.
        created_at: value of the tag CreatedAt for every tenant; `None` leaves it to the registry.
        state_bucket: S3 bucket of the state; `None` keeps state in `state_directory`.
        state_bucket_region: region of that bucket; `None` is `region`.
        state_directory: folder of local state files, absolute or relative to the folder that holds the
            output folder (the repository's root, by default).
        package_bucket: S3 bucket, in `region`, that functions take their code from; `None` uploads the code with each
            stack.
        endpoint_url: an AWS endpoint other than AWS's own, as the AWS SDKs know it; `None` is AWS.
        registry: file of the tenant registry, relative to the repository's root or absolute.
        stacks: ids of the only stacks to synthesize; empty means all.
        processes: number of processes that many stacks are synthesized in; `None` is one per core.
        cache: whether a stack whose inputs have not changed since an earlier synthesis is taken from that one.
        key_administrator_arns: IAM roles and users who alone may administer KMS keys; empty leaves
            administration (never use) to those that the account's IAM policies name.
        declared: what the registry says of the environment; `None` where it is not declared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    environment_suffix: str = Field("test", pattern=formats.ENVIRONMENT_SUFFIX)
    region: RegionName = "us-east-1"
    availability_zones: tuple[str, ...] = ()
    profile: EnvironmentProfile = DEVELOPMENT
    repository: TagValue = "unknown"
    commit_author: TagValue = "unknown"
    pr_number: TagValue = "unknown"
    team: TagValue = "unknown"
    created_at: Timestamp | None = None
    state_bucket: Annotated[str, AfterValidator(formats.bucket_name)] | None = None
    state_bucket_region: RegionName | None = None
    state_directory: Annotated[str, AfterValidator(_folder)] = Field("state", pattern=FOLDER)
    package_bucket: Annotated[str, AfterValidator(formats.bucket_name)] | None = None
    endpoint_url: Annotated[str, AfterValidator(formats.endpoint_url)] | None = None
    registry: str = Field("tenants.yaml", min_length=1)
    stacks: tuple[Annotated[str, Field(pattern=STACK_ID)], ...] = ()
    processes: Annotated[int, BeforeValidator(_processes), Field(le=MOST_PROCESSES)] | None = None
    cache: Annotated[bool, BeforeValidator(_switch)] = True
    key_administrator_arns: tuple[Annotated[str, Field(pattern=formats.PRINCIPAL_ARN)], ...] = ()
    declared: Environment | None = None


KEY_POLICY_BYTES: Final = 32_768
"""Of one key's policy (https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html)."""
ADMINISTRATOR_MENTIONS: Final = 5
"""Statements of one key's policy that name every administrator, at most."""
OTHER_POLICY_BYTES: Final = 12_768
"""What the rest of a key's policy may have; tests hold the largest to it."""
MOST_ADMINISTRATOR_BYTES: Final = (KEY_POLICY_BYTES - OTHER_POLICY_BYTES) // ADMINISTRATOR_MENTIONS
"""Of the ARNs of all administrators, each with its quotes and a comma: some 80 of 50 characters."""

_VARIABLES: Final = {
    "environment_suffix": (
        "ENVIRONMENT_SUFFIX",
        formats.ENVIRONMENT_SUFFIX_EXPECTED,
    ),
    "region": ("AWS_REGION", REGION_EXPECTED),
    "availability_zones": ("AVAILABILITY_ZONES", ZONES_EXPECTED),
    "profile": ("PROFILE", f"one of {', '.join(map(repr, PROFILES))}"),
    "repository": ("REPOSITORY", "a tag value: 1 to 256 letters, digits, spaces and + - = . _ : / @"),
    "commit_author": ("COMMIT_AUTHOR", "a tag value: 1 to 256 letters, digits, spaces and + - = . _ : / @"),
    "pr_number": ("PR_NUMBER", "a tag value: 1 to 256 letters, digits, spaces and + - = . _ : / @"),
    "team": ("TEAM", "a tag value: 1 to 256 letters, digits, spaces and + - = . _ : / @"),
    "created_at": ("CREATED_AT", timestamps.EXPECTED),
    "state_bucket": (
        "STATE_BUCKET",
        formats.BUCKET_EXPECTED,
    ),
    "state_bucket_region": ("STATE_BUCKET_REGION", REGION_EXPECTED),
    "state_directory": ("STATE_DIRECTORY", "a folder for local state files"),
    "package_bucket": ("PACKAGE_BUCKET", formats.BUCKET_EXPECTED),
    "endpoint_url": (
        "AWS_ENDPOINT_URL",
        "an http or https URL of a host and a port alone, such as 'http://127.0.0.1:4566'",
    ),
    "registry": ("TENANT_REGISTRY", "the path of a tenant registry"),
    "stacks": (
        "STACKS",
        "ids of stacks, separated by commas, such as 'tenant-acme-corp-dev,shared-platform-dev'",
    ),
    "processes": ("SYNTH_PROCESSES", f"a number of processes from 1 to {MOST_PROCESSES}, such as '4'"),
    "cache": ("SYNTH_CACHE", "'on' or 'off'"),
    "key_administrator_arns": (
        "KEY_ADMINISTRATOR_ARNS",
        "ARNs of IAM roles or users, separated by commas, such as 'arn:aws:iam::123456789012:role/deployer'",
    ),
}
VARIABLES: Final[Mapping[str, tuple[str, str]]] = {
    variable: (field, expected) for field, (variable, expected) in _VARIABLES.items()
}
"""By variable, the field that it sets and what it takes; the reference is written from it."""
VARIABLE_NAMES: Final = tuple(name for name, _ in _VARIABLES.values())
"""Every variable that `load_settings` reads; the README names them all."""


def load_settings(  # noqa: C901 (one branch for each form of variable)
    environment: Mapping[str, str], declared: Environment | None = None
) -> Settings:
    """Read and validate the settings. A variable that is set but empty counts as not set.

    Args:
        environment: the variables, with what `declared` says (`config.environments.completed`).
        declared: what the registry says of the environment.

    Raises:
        ConfigurationError: every variable that cannot be used.
    """
    given: dict[str, object] = {"declared": declared}
    problems: list[Problem] = []
    for field, (variable, expected) in _VARIABLES.items():
        text = environment.get(variable, "")
        if not text:
            continue
        if field == "profile":
            if text not in PROFILES:
                problems.append(Problem(where=variable, received=text, expected=expected))
            else:
                given[field] = PROFILES[text]
        elif field in {"availability_zones", "key_administrator_arns", "stacks"}:
            given[field] = tuple(item.strip() for item in text.split(",") if item.strip())
        else:
            given[field] = text
    settings = None
    try:
        settings = Settings.model_validate(given)
    except ValidationError as error:
        for detail in error.errors():
            variable, expected = _VARIABLES[str(detail["loc"][0])]
            received = environment[variable]
            problems.append(Problem(where=variable, received=received, expected=expected))
    problems += zone_problems(settings.region, settings.availability_zones) if settings else ()
    profile = PROFILES.get(environment.get("PROFILE", ""), DEVELOPMENT)
    if profile.named_key_administrators and not given.get("key_administrator_arns"):
        variable, expected = _VARIABLES["key_administrator_arns"]
        expected = (
            f"{expected}: the profile '{profile.name}' has every key administered by these principals alone"
        )
        problems.append(Problem(where=variable, received=None, expected=expected))
    if settings is not None:
        problems += _together(settings, environment)
    if problems or settings is None:
        raise ConfigurationError(sorted(problems, key=lambda problem: problem.where))
    return settings


def _together(settings: Settings, environment: Mapping[str, str]) -> list[Problem]:
    """Return what is wrong with settings that are right by themselves."""
    problems: list[Problem] = []
    if settings.environment_suffix in formats.RESERVED_SUFFIXES:
        variable, _ = _VARIABLES["environment_suffix"]
        expected = "another suffix: S3 reserves names of buckets that end in it"
        problems.append(Problem(where=variable, received=settings.environment_suffix, expected=expected))
    if settings.declared and settings.declared.delivery and not settings.state_bucket:
        variable, expected = _VARIABLES["state_bucket"]
        expected = f"{expected}: the environment has a 'delivery', whose builds keep no state"
        problems.append(Problem(where=variable, received=None, expected=expected))
    if not all(formats.same_partition(arn, settings.region) for arn in settings.key_administrator_arns):
        variable, expected = _VARIABLES["key_administrator_arns"]
        expected = f"{expected}: of the region's partition, '{formats.partition(settings.region)}'"
        problems.append(Problem(where=variable, received=environment[variable], expected=expected))
    own = settings.declared.account if settings.declared else None
    others = [arn for arn in settings.key_administrator_arns if own and arn.split(":")[4] != own]
    if others:
        variable, expected = _VARIABLES["key_administrator_arns"]
        expected = f"{expected}: of the environment's account, '{own}', which alone administers its keys"
        problems.append(Problem(where=variable, received=",".join(others), expected=expected))
    elsewhere = settings.state_bucket_region
    if elsewhere and formats.partition(elsewhere) != formats.partition(settings.region):
        variable, expected = _VARIABLES["state_bucket_region"]
        expected = (
            f"{expected}, of the partition '{formats.partition(settings.region)}', as AWS_REGION is: no credentials "
            "are good for two"
        )
        problems.append(Problem(where=variable, received=elsewhere, expected=expected))
    taken = sum(len(arn) + len('"",') for arn in settings.key_administrator_arns)
    if taken > MOST_ADMINISTRATOR_BYTES:
        variable, _ = _VARIABLES["key_administrator_arns"]
        received = f"{len(settings.key_administrator_arns)} ARNs of {taken} bytes"
        expected = (
            f"ARNs of at most {MOST_ADMINISTRATOR_BYTES} bytes with their quotes and commas: a key's policy names them "
            f"up to {ADMINISTRATOR_MENTIONS} times, and AWS takes {KEY_POLICY_BYTES} bytes of it"
        )
        problems.append(Problem(where=variable, received=received, expected=expected))
    if (
        settings.endpoint_url
        and settings.profile.name == PRODUCTION.name
        and formats.is_exposed(settings.endpoint_url)
    ):
        variable, _ = _VARIABLES["endpoint_url"]
        expected = f"an https URL, or this machine's own: the profile is '{settings.profile.name}'"
        problems.append(Problem(where=variable, received=settings.endpoint_url, expected=expected))
    return problems
