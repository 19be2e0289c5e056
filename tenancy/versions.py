"""Versions of what the app depends on at AWS and in Terraform: each is written here and nowhere else.

Text that repeats one (README, `.terraform-version`, Pipfile) is compared with this module by a test.
"""

from __future__ import annotations

from typing import Final

from facts.runtimes import RUNTIME

TERRAFORM_MINIMUM: Final = "1.10"
"""Least version of Terraform, or of OpenTofu, that a stack accepts: the first that keeps a lock beside a state in S3
(https://developer.hashicorp.com/terraform/language/v1.10.x/backend/s3#use_lockfile)."""
AWS_PROVIDER: Final = "5.100.0"
"""Version of the AWS provider that `cdktf-cdktf-provider-aws` 20.1.0 binds."""
FUNCTION_PYTHON: Final = RUNTIME.value.name.removeprefix("python")
"""Python of the Lambda functions: that of their runtime."""
