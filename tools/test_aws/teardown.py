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
    """Return the ARNs of what carries the environment's tag still.

    Left out is what AWS keeps for a while, or for good, of what was deleted: keys that wait for their deletion, and
    services and task definitions of ECS that are inactive
    (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deregister-task-definition-v2.html,
    https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html).
    """
    client: Any = boto3.client("resourcegroupstaggingapi", region_name=region)
    pages = client.get_paginator("get_resources").paginate(
        TagFilters=[{"Key": "Environment", "Values": [suffix]}]
    )
    arns = sorted(entry["ResourceARN"] for page in pages for entry in page["ResourceTagMappingList"])
    return [arn for arn in arns if not _is_deleted(arn, region)]


def _is_deleted(arn: str, region: str) -> bool:
    kms: Any = boto3.client("kms", region_name=region)
    ecs: Any = boto3.client("ecs", region_name=region)
    if ":kms:" in arn:
        return bool(kms.describe_key(KeyId=arn)["KeyMetadata"]["KeyState"] == "PendingDeletion")
    if ":task-definition/" in arn:
        definition = ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]
        return bool(definition["status"] != "ACTIVE")
    if ":ecs:" in arn and ":service/" in arn:
        cluster = arn.split("/")[-2]
        try:
            found = ecs.describe_services(cluster=cluster, services=[arn])["services"]
        except ecs.exceptions.ClusterNotFoundException:
            return True
        return all(service["status"] == "INACTIVE" for service in found)
    return False
