"""What may be in a root module beside resources: blocks, data sources, files, and arguments of the provider."""

from __future__ import annotations

import re
from typing import Final

from isolation.catalogue.arguments.uses import Arguments, Use

PROVIDER_SOURCES: Final = frozenset(
    {"aws", "hashicorp/aws", "registry.terraform.io/hashicorp/aws", "registry.opentofu.org/hashicorp/aws"}
)
PROVIDER_VERSION: Final = "5.100.0"
"""The version of the provider whose arguments are listed (`provider_schema.json`)."""

READ: Final = frozenset({"resource", "provider", "data", "terraform", "module"})
"""Blocks that are read; a module is a gap."""

INERT: Final = frozenset({"//", "output", "locals", "variable", "moved", "import"})
"""Blocks that make no resource; what is imported is judged. What refers to a local value or a variable is an
expression that is not resolved."""

TERRAFORM: Final = frozenset({"backend", "required_providers", "required_version"})
"""What the block `terraform` may have: where the state is, and versions."""

BACKENDS: Final = {
    "local": frozenset({"//", "path", "workspace_dir"}),
    "s3": frozenset(
        {
            "//",
            "allowed_account_ids",
            "bucket",
            "dynamodb_table",
            "encrypt",
            "forbidden_account_ids",
            "key",
            "kms_key_id",
            "max_retries",
            "region",
            "use_lockfile",
            "workspace_key_prefix",
        }
    ),
}
"""By backend that is known: its arguments that are. `path`, `bucket` and `key` say where the state is; the others say
how it is encrypted, locked and checked. An `acl` opens it, and a profile, a role or an endpoint is another account's
(https://developer.hashicorp.com/terraform/language/backend/s3)."""

DATA_SOURCES: Final = {
    "aws_caller_identity": frozenset({"//"}),
    "aws_iam_session_context": frozenset({"//", "arn"}),
    "aws_partition": frozenset({"//"}),
    "aws_region": frozenset({"//"}),
}
"""By data source that is known: its arguments that are. With another one, a region is another region."""

FILES: Final = re.compile(
    r"cdk\.tf\.json|\.terraform\.lock\.hcl|.*\.tfstate|.*\.tfstate\.backup|\.terraform\.tfstate\.lock\.info|plan"
)
"""Files of a stack's folder that declare nothing: the one that is read, versions, states and plans."""

UNREAD_FILES: Final = "(unread files)"
"""In a document, the files of its folder that Terraform may read and that are not read here; no block is called so."""

REGIONS: Final = re.compile(r"(?!us-gov-|us-iso|eu-isoe-|cn-)[a-z]{2}-[a-z]+-\d+")
"""Regions of the partition `aws`."""

PROVIDER: Final[Arguments] = {
    Use.READ: "region default_tags.tags",
    Use.NAME: "//",
    Use.RESTRICTED: "allowed_account_ids forbidden_account_ids",
    Use.CHANGED: """custom_ca_bundle ec2_metadata_service_endpoint ec2_metadata_service_endpoint_mode http_proxy
        https_proxy insecure max_retries no_proxy retry_mode s3_us_east_1_regional_endpoint s3_use_path_style
        skip_credentials_validation skip_metadata_api_check skip_region_validation skip_requesting_account_id
        sts_region token_bucket_rate_limiter_capacity use_dualstack_endpoint use_fips_endpoint""",
    Use.UNMODELLED: """access_key alias assume_role.duration assume_role.external_id assume_role.policy
        assume_role.policy_arns assume_role.role_arn assume_role.session_name assume_role.source_identity
        assume_role.tags assume_role.transitive_tag_keys assume_role_with_web_identity.duration
        assume_role_with_web_identity.policy assume_role_with_web_identity.policy_arns
        assume_role_with_web_identity.role_arn assume_role_with_web_identity.session_name
        assume_role_with_web_identity.web_identity_token
        assume_role_with_web_identity.web_identity_token_file endpoints ignore_tags.key_prefixes
        ignore_tags.keys profile secret_key shared_config_files shared_credentials_files token""",
}
"""Arguments of the provider. Those that choose another account, or hide tags, are not modelled."""
