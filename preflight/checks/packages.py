"""Where functions take their code from: the bucket, and each package in it."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from fleet.packages import PackageObject, objects
from preflight.account import Account, code_of, is_denied
from preflight.buckets import GivenBucket, missing, weaknesses
from preflight.deployment import MISSING, Deployment
from preflight.findings import Finding, stops, unknown, warns

PUBLISH = "python -m fleet publish"


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find a bucket that is missing, elsewhere, another account's or public, and packages that are not in it."""
    packages = objects(deployment.stacks)
    for name, region in sorted({(package.bucket, package.region) for package in packages}):
        # Lambda reads from buckets of the function's region only
        # (https://docs.aws.amazon.com/lambda/latest/api/API_FunctionCode.html).
        bucket = GivenBucket(
            name=name,
            region=region,
            role="bucket of packages",
            setting="PACKAGE_BUCKET",
            loss="a package that is deleted is lost",
            elsewhere="Name a bucket of the region: Lambda reads from no other.",
        )
        found = missing(deployment.account, bucket)
        if found:
            yield found
            continue
        yield from _owner(deployment.account, bucket)
        yield from weaknesses(deployment.account, bucket)
        for package in packages:
            if package.bucket == name:
                yield from _package(deployment.account, package)


def _owner(account: Account, bucket: GivenBucket) -> Iterator[Finding]:
    """Find that another account owns the bucket: whoever writes there decides what every function runs."""
    client, owner = account.client("s3", region=bucket.region), account.caller.account
    try:
        client.head_bucket(Bucket=bucket.name, ExpectedBucketOwner=owner)
    except ClientError as error:
        if not is_denied(error):
            raise
        yield warns(
            f"the bucket of packages {bucket.name} is not the account {owner}'s: whoever may write there decides "
            "what every function runs.",
            "Name a bucket of the account.",
        )


def _package(account: Account, package: PackageObject) -> Iterator[Finding]:
    client, where = account.client("s3", region=package.region), f"s3://{package.bucket}/{package.key}"
    try:
        found = client.head_object(Bucket=package.bucket, Key=package.key, ChecksumMode="ENABLED")
    except ClientError as error:
        if code_of(error) in MISSING:
            yield stops(f"{where} is not there.", f"Upload it: {PUBLISH}")
        elif is_denied(error):
            yield unknown(f"{where} is not there, or the caller may not read it.", f"Upload it: {PUBLISH}")
        else:
            raise
        return
    checksum = found.get("ChecksumSHA256")
    if checksum is None:
        yield warns(f"{where} has no SHA-256 that S3 could say.", f"{PUBLISH} compares its bytes.")
    elif checksum != package.checksum:
        yield stops(
            f"{where} has the SHA-256 {checksum}, and the stacks say {package.checksum}.",
            f"Find out who wrote it, delete it, and upload it again: {PUBLISH}",
        )


def seen(deployment: Deployment) -> str:
    """Say where the packages are."""
    packages = objects(deployment.stacks)
    if not packages:
        return "each stack uploads its own"
    buckets = sorted({package.bucket for package in packages})
    return f"{len(packages)} in {', '.join(buckets)}, which is versioned and private"
