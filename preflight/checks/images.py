"""The tasks' images: there, and open to whoever pulls them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from botocore.exceptions import ClientError

from preflight.account import code_of
from preflight.deployment import Deployment
from preflight.findings import Finding, stops, unknown
from preflight.registries import Missing, Unreachable, find_manifest, reference

ECR = re.compile(
    r"(?P<account>[0-9]{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(\.cn)?"
    r"/(?P<repository>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>.+))?"
)


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find images that no task could pull."""
    for image in images(deployment):
        if in_ecr := ECR.fullmatch(image):
            yield from _in_ecr(deployment, image, in_ecr)
            continue
        try:
            find_manifest(reference(image))
        except Missing as error:
            yield stops(f"the image {image} cannot be pulled: {error}.", "Check `image` in the registry.")
        except Unreachable as error:
            yield unknown(f"the registry of {image} did not answer: {error}.", "Pull it by hand.")


def _in_ecr(deployment: Deployment, image: str, found: re.Match[str]) -> Iterator[Finding]:
    ecr = deployment.account.client("ecr", region=found["region"])
    wanted = {"imageDigest": found["digest"]} if found["digest"] else {"imageTag": found["tag"] or "latest"}
    try:
        there = ecr.describe_images(
            registryId=found["account"], repositoryName=found["repository"], imageIds=[wanted]
        )["imageDetails"]
    except ClientError as error:
        if code_of(error) not in {"ImageNotFoundException", "RepositoryNotFoundException"}:
            raise
        there = []
    if not there:
        yield stops(
            f"the image {image} does not exist.", "Push it, or name another as `image` in the registry."
        )


def images(deployment: Deployment) -> list[str]:
    """Return every image that a task of the stacks runs."""
    return sorted(
        {
            container["image"]
            for stack in deployment.stacks
            for text in stack.texts("aws_ecs_task_definition", "container_definitions")
            for container in json.loads(text)
            if "${" not in container["image"]
        }
    )


def seen(deployment: Deployment) -> str:
    """Say which are used."""
    return ", ".join(images(deployment)) or "none is used"
