"""What every stack's Terraform has, whatever the stack holds: a configured provider, and a place for its state."""

from __future__ import annotations

from collections.abc import Mapping

from config.settings import Settings
from tenancy.names.environment import EnvironmentNames
from tenancy.plans import BucketState, LocalState, ProviderSettings


def provider_settings(
    settings: Settings, *, created_at: str, owner_tags: Mapping[str, str]
) -> ProviderSettings:
    """Return how the AWS provider of a stack is configured.

    Args:
        settings: of the run.
        created_at: the tag CreatedAt of the stack's resources.
        owner_tags: that say whose the stack is; empty where no tenant owns it.
    """
    return ProviderSettings(
        region=settings.region,
        account=settings.declared.account if settings.declared else None,
        path_style_buckets=settings.endpoint_url is not None,
        default_tags={
            "Environment": settings.environment_suffix,
            "ManagedBy": "CDKTF",
            "Repository": settings.repository,
            "Author": settings.commit_author,
            "PRNumber": settings.pr_number,
            "Team": settings.team,
            "CreatedAt": created_at,
            **owner_tags,
        },
    )


def state_of(settings: Settings, stack: str) -> LocalState | BucketState:
    """Return where the state of the stack whose id is `stack` is kept."""
    declared = settings.declared
    apart = declared is not None and declared.state_keys == "account-region"
    folder = EnvironmentNames.state_folder(declared.account, settings.region) if declared and apart else ""
    if settings.state_bucket is None:
        return LocalState(path=f"{settings.state_directory}/{folder}{stack}.tfstate")
    return BucketState(
        bucket=settings.state_bucket,
        key=EnvironmentNames.state_key(stack, folder),
        region=settings.state_bucket_region or settings.region,
    )
