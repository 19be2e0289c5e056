"""Packages in S3 that a function cannot have."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError

from emulator.server import Emulator
from tests.emulator import gaps
from tests.emulator.refused import outcome


@pytest.fixture(scope="module")
def strict() -> Iterator[Emulator]:
    with Emulator(refusals=["lambda_packages"]) as emulator:
        yield emulator


def bucket_of(emulator: Emulator, region: str = "us-east-1") -> str:
    """A bucket with one package, `app.zip`."""
    s3, bucket = emulator.client("s3", region=region), gaps.name()
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    s3.create_bucket(Bucket=bucket, **where)
    s3.put_object(Bucket=bucket, Key="app.zip", Body=gaps.packed(""))
    return bucket


def created(emulator: Emulator, bucket: str, key: str, name: str | None = None) -> str:
    return outcome(
        emulator.client("lambda").create_function,
        FunctionName=name or gaps.name(),
        Runtime="python3.13",
        Handler="app.handler",
        Role=gaps.role(emulator, "lambda.amazonaws.com"),
        Code={"S3Bucket": bucket, "S3Key": key},
    )


def test_a_function_needs_its_package(strict: Emulator, bare: Emulator) -> None:
    for emulator, missing in ((strict, "InvalidParameterValueException"), (bare, "accepted")):
        bucket = bucket_of(emulator)
        assert created(emulator, bucket, "app.zip") == "accepted"
        assert created(emulator, bucket, "another.zip") == missing
        assert created(emulator, gaps.name(), "app.zip") == missing
        # MiniStack has this one itself: Lambda reads from buckets of the function's region only.
        elsewhere = bucket_of(emulator, "eu-west-1")
        assert created(emulator, elsewhere, "app.zip") == "InvalidParameterValueException"


def test_what_is_missing_is_said_as_s3_says_it(strict: Emulator) -> None:
    bucket, name = bucket_of(strict), gaps.name()
    assert created(strict, bucket, "app.zip", name) == "accepted"
    functions = strict.client("lambda")
    for given, error in (((bucket, "another.zip"), "NoSuchKey"), ((gaps.name(), "app.zip"), "NoSuchBucket")):
        with pytest.raises(ClientError, match=f"GetObject. S3 Error Code: {error}. S3 Error Message: The "):
            functions.update_function_code(FunctionName=name, S3Bucket=given[0], S3Key=given[1])
    assert (
        outcome(functions.update_function_code, FunctionName=name, S3Bucket=bucket, S3Key="app.zip")
        == "accepted"
    )
