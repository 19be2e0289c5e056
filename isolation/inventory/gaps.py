"""What is not modelled about a resource: its type, or an argument that may change what the rest of it means."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from isolation.catalogue.kinds import KIND_OF
from isolation.catalogue.resource_types import INERT, MODELLED
from isolation.synthesized.stack import SynthesizedResource

_META_ARGUMENTS: Final = ("count", "for_each", "dynamic", "provider")
"""Arguments of every resource that make several of it, or make it elsewhere."""


def gaps_of(resource: SynthesizedResource) -> Iterator[str]:
    """Return what is not modelled about `resource`, each as a line that begins with its address."""
    if resource.type not in KIND_OF and resource.type not in MODELLED and resource.type not in INERT:
        yield f"{resource.address}: resource type {resource.type}"
    if any("${" in value for value in resource.tags.values()):
        yield f"{resource.address}: a tag that is known at deployment"
    if resource.type == "aws_s3_bucket" and {"acl", "grant"} & set(resource.body):
        yield f"{resource.address}: access control list"
    for argument in _META_ARGUMENTS:
        if argument in resource.body and not (argument == "provider" and resource.body[argument] == "aws"):
            yield f"{resource.address}: argument {argument}"
