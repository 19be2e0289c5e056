"""The versions that the stacks are planned and applied with, as this library compares them."""

from tenancy.versions import AWS_PROVIDER, TERRAFORM_MINIMUM

MINIMUM_VERSION = tuple(map(int, TERRAFORM_MINIMUM.split(".")))
"""The oldest Terraform or OpenTofu that does."""
PROVIDER_VERSION = AWS_PROVIDER
"""The AWS provider."""


def minimum_version() -> str:
    """The oldest version as text: `1.10`."""
    return TERRAFORM_MINIMUM
