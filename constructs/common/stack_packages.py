"""Where the functions of one stack take their code from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from cdktf import TerraformStack

from bundling.function_package import FunctionPackage
from constructs import Construct

ASSETS: Final = "assets"


@dataclass(frozen=True, slots=True, kw_only=True)
class FunctionCode:
    """What Terraform is told of a function's code: a file, or an object in S3.

    Attributes:
        source_code_hash: base64 SHA-256 of the package: whether the function is updated.
        filename: relative to the stack's folder.
        s3_bucket: of the object; in the region of the function.
        s3_key: of the object.
    """

    source_code_hash: str
    filename: str | None = None
    s3_bucket: str | None = None
    s3_key: str | None = None


class StackPackages:
    """The packages that a stack's functions take their code from: files of the stack, or objects of one bucket.

    Args:
        bucket: name of the bucket; `None` for files.

    Attributes:
        files: the packages that are files, by their path in the stack's folder.
        objects: the packages that are objects, by their key, which is their path in the output folder as well.
    """

    def __init__(self, bucket: str | None) -> None:
        self._bucket = bucket
        self.files: dict[str, FunctionPackage] = {}
        self.objects: dict[str, FunctionPackage] = {}

    def create_code(self, scope: Construct, id: str, package: FunctionPackage) -> FunctionCode:
        """Create the package of the function `scope`, and return where the function takes its code from.

        Args:
            scope: the function's construct.
            id: construct id of the package, below it.
            package: what the code is.
        """
        if self._bucket is not None:
            key = package.object_key
            self.objects[key] = package
            return FunctionCode(source_code_hash=package.source_code_hash, s3_bucket=self._bucket, s3_key=key)
        # The path that `TerraformAsset` has. That one copies the file into every stack.
        place = Construct(scope, id)
        name = TerraformStack.of(scope).get_logical_id(place.node)
        path = f"{ASSETS}/{name}/{package.sha256}/{package.path.name}"
        self.files[path] = package
        return FunctionCode(source_code_hash=package.source_code_hash, filename=path)
