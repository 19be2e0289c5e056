"""Takes a run's stacks down and lists what is left of them in the account."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import boto3

from terraform.errors import TerraformError
from terraform.runner import Terraform

SECONDS: Final = 3600.0
"""For one stack: Lambda frees its network interfaces up to 20 minutes late, and a database takes its time."""


def destroy(folder: Path, environment: Mapping[str, str]) -> list[str]:
    """Destroy every stack of the run that has a state, side by side; return what failed, one text a stack."""
    stacks = sorted(path.stem for path in (folder / "state").glob("*.tfstate"))
    if not stacks:
        return []
    with Terraform(environment) as terraform, ThreadPoolExecutor(len(stacks)) as pool:

        def one(stack: str) -> str | None:
            root = terraform.root(folder / "cdktf.out" / "stacks" / stack)
            try:
                root.init()
                root.destroy("-lock-timeout=60s", timeout=SECONDS)
            except TerraformError as error:
                return f"{stack}: {error}"
            return None

        return [failure for failure in pool.map(one, stacks) if failure]


def leftovers(suffix: str, region: str) -> list[str]:
    """Return the ARNs of what carries the environment's tag still, keys that wait for their deletion left out."""
    client: Any = boto3.client("resourcegroupstaggingapi", region_name=region)
    pages = client.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": "Environment", "Values": [suffix]}]
    )
    arns = sorted(entry["ResourceARN"] for page in pages for entry in page["ResourceTagMappingList"])
    return [arn for arn in arns if not _waits_for_deletion(arn, region)]


def _waits_for_deletion(arn: str, region: str) -> bool:
    if ":kms:" not in arn:
        return False
    client: Any = boto3.client("kms", region_name=region)
    state: str = client.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"]
    return state == "PendingDeletion"
