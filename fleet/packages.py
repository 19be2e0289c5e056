"""The objects in S3 that functions take their code from, as the stacks name them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from fleet.synthesized import SynthesizedStack


@dataclass(frozen=True, slots=True, order=True, kw_only=True)
class PackageObject:
    """One package in a bucket.

    Attributes:
        bucket: its name.
        key: of the object.
        region: of the functions, where Lambda looks for the bucket.
        checksum: SHA-256 of the package in base64, as S3 and Terraform's `source_code_hash` have it.
    """

    bucket: str
    key: str
    region: str
    checksum: str


def objects_of(stack: SynthesizedStack) -> list[PackageObject]:
    """Return the objects that the functions of `stack` take their code from, in the order of their keys."""
    return objects([stack])


def objects(stacks: Iterable[SynthesizedStack]) -> list[PackageObject]:
    """Return the objects that the functions of `stacks` take their code from, each once, in the order of their keys."""
    found = {
        PackageObject(
            bucket=str(function["s3_bucket"]),
            key=str(function.get("s3_key")),
            region=stack.region,
            checksum=str(function.get("source_code_hash")),
        )
        for stack in stacks
        for function in stack.all("aws_lambda_function").values()
        if function.get("s3_bucket")
    }
    return sorted(found)
