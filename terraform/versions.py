"""The versions that the stacks are planned and applied with; they are written nowhere else."""

MINIMUM_VERSION = (1, 9)
"""The oldest Terraform or OpenTofu that does."""
PROVIDER_VERSION = "5.100.0"
"""The AWS provider that cdktf-cdktf-provider-aws 20.1.0 binds."""


def minimum_version() -> str:
    """The oldest version as text: `1.9`."""
    return ".".join(map(str, MINIMUM_VERSION))
