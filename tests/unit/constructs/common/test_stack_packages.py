"""Where functions take their code from: a file at the path of CDKTF's own asset, or an object by its digest."""

from __future__ import annotations

from typing import Any

from cdktf import AssetType, TerraformAsset

from bundling.function_package import package
from constructs import Construct
from constructs.common.lambda_function import LambdaFunction
from constructs.common.stack_packages import StackPackages
from tests.construct import Surroundings, alone

SOURCE = "tenant_api"
CODE = ("filename", "s3_bucket", "s3_key", "source_code_hash")


def code(packages: StackPackages) -> dict[str, Any]:
    """What a function with `packages` says of its code."""

    def build(around: Surroundings) -> None:
        LambdaFunction(around.stack, "function", around.function_props(source=SOURCE, packages=packages))

    body = alone(build).one("aws_lambda_function")
    return {name: body[name] for name in CODE if name in body}


def test_a_file_is_where_cdktf_would_copy_it() -> None:
    packages, packed = StackPackages(None), package(SOURCE)

    def build(around: Surroundings) -> None:
        scope = Construct(around.stack, "function")
        asset = TerraformAsset(
            scope, "package", path=str(packed.path), type=AssetType.FILE, asset_hash=packed.sha256
        )
        around.output("path", asset.path)

    path = alone(build).output("path")
    assert code(packages) == {"filename": path, "source_code_hash": packed.source_code_hash}
    assert packages.files == {path: packed}
    assert packages.objects == {}


def test_an_object_is_called_like_its_digest() -> None:
    packages, packed = StackPackages("our-packages"), package(SOURCE)
    key = f"packages/{packed.sha256}.zip"
    assert packed.object_key == key
    assert code(packages) == {
        "s3_bucket": "our-packages",
        "s3_key": key,
        "source_code_hash": packed.source_code_hash,
    }
    assert packages.objects == {key: packed}
    assert packages.files == {}
