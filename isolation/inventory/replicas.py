"""The regions in which a resource has replicas under the same name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from isolation.catalogue.root_modules import REGIONS
from isolation.synthesized.json_blocks import as_blocks
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

_REGION: Final[Mapping[str, str]] = {
    "aws_dynamodb_table": "region_name",
    "aws_secretsmanager_secret": "region",
}
"""By type: the argument of the block `replica` that names the region."""


def replicas_of(stack: SynthesizedStack, resource: SynthesizedResource) -> Iterator[tuple[str, bool]]:
    """Return the region of each replica of `resource` that is known, and whether it has the tags of `resource`."""
    for region, replica in _named(stack, resource):
        if REGIONS.fullmatch(region) and region != stack.region:
            # Secrets Manager replicates "metadata such as tags and resource policies":
            # https://docs.aws.amazon.com/secretsmanager/latest/userguide/replicate-secrets.html.
            yield region, bool(replica.get("propagate_tags", resource.type == "aws_secretsmanager_secret"))


def unknown_replicas(stack: SynthesizedStack, resource: SynthesizedResource) -> Iterator[str]:
    """Return the replicas whose region is not known."""
    argument = _REGION.get(resource.type, "")
    for region, _ in _named(stack, resource):
        if not REGIONS.fullmatch(region):
            yield f"{resource.address}: argument replica.{argument} is {region!r}, expected the name of a region"


def _named(stack: SynthesizedStack, resource: SynthesizedResource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if resource.type in _REGION:
        for replica in as_blocks(resource.body.get("replica")):
            yield stack.text(replica.get(_REGION[resource.type], "")), replica
