"""What every stack has: the AWS provider with its tags, a backend for its own state, a Terraform version."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from cdktf import LocalBackend, S3Backend, TerraformOutput, TerraformStack
from cdktf_cdktf_provider_aws.provider import AwsProvider, AwsProviderDefaultTags

from constructs import Construct
from constructs.common.stack_packages import StackPackages
from tenancy.plans import BaseStackPlan, BucketState, ExtensionPlan, LocalState
from tenancy.versions import TERRAFORM_MINIMUM

FROM_STACK_TO_OUTPUT_PARENT: Final = "../../.."
"""A stack is synthesized into `{output}/stacks/{id}/`, and Terraform runs there."""


class BaseStack(TerraformStack):
    """A root module with its own state.

    Attributes:
        packages: what its functions take their code from.
    """

    def __init__(self, scope: Construct, id: str, props: BaseStackPlan) -> None:
        super().__init__(scope, id)
        self.packages = StackPackages(props.package_bucket)
        self.add_override("terraform.required_version", f">= {TERRAFORM_MINIMUM}")
        AwsProvider(
            self,
            "aws",
            region=props.provider.region,
            allowed_account_ids=[props.provider.account] if props.provider.account else None,
            s3_use_path_style=True if props.provider.path_style_buckets else None,
            default_tags=[AwsProviderDefaultTags(tags=dict(props.provider.default_tags))],
        )
        self._create_backend(props.state)

    def _create_backend(self, state: LocalState | BucketState) -> None:
        if isinstance(state, LocalState):
            absolute = state.path.startswith("/")
            LocalBackend(self, path=state.path if absolute else f"{FROM_STACK_TO_OUTPUT_PARENT}/{state.path}")
            return
        S3Backend(self, bucket=state.bucket, key=state.key, region=state.region, encrypt=True)
        # cdktf 0.21 has no field for it: a lock object beside the state, no DynamoDB table
        # (https://developer.hashicorp.com/terraform/language/backend/s3#state-locking).
        self.add_override("terraform.backend.s3.use_lockfile", True)  # noqa: FBT003 (a value)

    def _output(self, id: str, name: str, value: str) -> None:
        """Create the output `name`; `id` is its construct id."""
        TerraformOutput(self, id, value=value).override_logical_id(name)


ExtensionStack = Callable[[Construct, str, ExtensionPlan], BaseStack]
"""What makes a stack of the user's own: a subclass of `BaseStack` that takes its plan."""
