"""What AWS says of a run's settings."""

from __future__ import annotations

from collections.abc import Iterator

from config.settings import Settings
from tools.fuzz.oracle.names import (
    bucket_objections,
    endpoint_objections,
    principal_objections,
    regions,
    tag_objections,
)

LARGEST_KEY_POLICY = 32_768


def settings_objections(settings: Settings) -> Iterator[str]:
    """Yield why nothing can be deployed with `settings`, which were accepted."""
    yield from _place_objections(settings)
    for tag in (settings.repository, settings.commit_author, settings.pr_number, settings.team):
        yield from tag_objections(tag)
    for bucket in filter(None, (settings.state_bucket, settings.package_bucket)):
        yield from bucket_objections(bucket)
    if settings.endpoint_url is not None:
        production = settings.profile.name == "production"
        yield from endpoint_objections(settings.endpoint_url, production=production)
    for arn in settings.key_administrator_arns:
        yield from principal_objections(arn, settings.region)
        if settings.declared and arn.split(":")[4] != settings.declared.account:
            yield f"an administrator whom no key of {settings.declared.account} knows: {arn!r}"
    # Five statements of a key's policy name them all
    # (https://docs.aws.amazon.com/kms/latest/developerguide/resource-limits.html).
    if 5 * len('", "'.join(settings.key_administrator_arns)) > LARGEST_KEY_POLICY:
        yield f"{len(settings.key_administrator_arns)} administrators are more than a key's policy has room for"
    suffix = settings.environment_suffix
    if not suffix.isalnum() or not suffix.isascii() or suffix != suffix.lower() or len(suffix) > 12:
        yield f"no suffix: {suffix!r}"
    yield from bucket_objections(f"tenant-a-data-{suffix}")
    if (
        any(ord(character) < ord(" ") for character in settings.state_directory)
        or "${" in settings.state_directory
    ):
        yield f"no folder: {settings.state_directory!r}"


def _place_objections(settings: Settings) -> Iterator[str]:
    """Yield what is wrong with the regions and zones."""
    for region in (settings.region, settings.state_bucket_region or settings.region):
        if region not in regions():
            yield f"no region: {region!r}"
        elif regions()[region] != regions().get(settings.region):
            yield f"credentials that are good for two partitions: {region!r} and {settings.region!r}"
    zones = settings.availability_zones
    if zones and (len(set(zones)) != len(zones) or len(zones) < 2):
        yield f"too few zones: {zones}"
    for zone in zones:
        if zone[:-1] != settings.region or not zone[-1].isalpha():
            yield f"no zone of {settings.region}: {zone!r}"
