"""What every stack has: the AWS provider with its tags, a backend for its own state, a Terraform version."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cdktf import LocalBackend, S3Backend, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags

from config.naming import Naming
from config.settings import Settings
from constructs import Construct

TERRAFORM_VERSION: Final = ">= 1.9"
FROM_STACK_TO_OUTPUT_PARENT: Final = "../../.."
"""A stack is synthesized into `{output}/stacks/{id}/`, and Terraform runs there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StackProps:
    """What every stack takes.

    Attributes:
        settings: of the run.
        created_at: the tag CreatedAt.
    """

    settings: Settings
    created_at: str


class BaseStack(TerraformStack):
    """A root module with its own state."""

    def __init__(self, scope: Construct, id: str, props: StackProps, *, tags: Mapping[str, str]) -> None:
        super().__init__(scope, id)
        settings = props.settings
        self.add_override("terraform.required_version", TERRAFORM_VERSION)
        AwsProvider(
            self,
            "aws",
            region=settings.region,
            # A bucket's own host name resolves at AWS only.
            s3_use_path_style=True if settings.endpoint_url else None,
            default_tags=[
                AwsProviderDefaultTags(
                    tags={
                        "Environment": settings.environment_suffix,
                        "ManagedBy": "CDKTF",
                        "Repository": settings.repository,
                        "Author": settings.commit_author,
                        "PRNumber": settings.pr_number,
                        "Team": settings.team,
                        "CreatedAt": props.created_at,
                        **tags,
                    }
                )
            ],
        )
        self._keep_state(id, settings)

    def _keep_state(self, id: str, settings: Settings) -> None:
        """Keep the state in the state bucket where one is set, else in a file of the stack's own."""
        if settings.state_bucket is None:
            folder = settings.state_directory
            base = folder if folder.startswith("/") else f"{FROM_STACK_TO_OUTPUT_PARENT}/{folder}"
            LocalBackend(self, path=f"{base}/{id}.tfstate")
            return
        S3Backend(
            self,
            bucket=settings.state_bucket,
            key=Naming.state_key(id),
            region=settings.state_bucket_region or settings.region,
            encrypt=True,
        )
        # cdktf 0.21 has no field for it: a lock object beside the state, no DynamoDB table
        # (https://developer.hashicorp.com/terraform/language/backend/s3#state-locking).
        self.add_override("terraform.backend.s3.use_lockfile", True)  # noqa: FBT003 (a value)
