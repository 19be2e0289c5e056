"""Where Terraform keeps the states: reachable, versioned, private."""

from __future__ import annotations

from collections.abc import Iterator

from botocore.exceptions import ClientError

from preflight.account import code_of
from preflight.deployment import Deployment, state_object
from preflight.findings import Finding, stops, warns

PRIVATE = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find a bucket that is missing, forgets earlier states or could become public, and states in files."""
    wheres = [state_object(stack) for stack in deployment.stacks]
    if None in wheres:
        yield warns("states are files on this machine.", "Keep them in S3: set STATE_BUCKET.")
    for bucket, region in sorted({(where.bucket, where.region) for where in wheres if where}):
        yield from _bucket(deployment, bucket, region)


def _bucket(deployment: Deployment, bucket: str, region: str) -> Iterator[Finding]:
    client = deployment.account.client("s3", region=region)
    try:
        client.head_bucket(Bucket=bucket)
    except ClientError as error:
        reasons = {
            "404": ("does not exist.", "Create it, versioned and private, or name another in STATE_BUCKET."),
            "301": (f"is not in {region}.", "Name the region of the bucket, or a bucket of the region."),
        }
        what, remedy = reasons.get(
            code_of(error), ("is another account's, or the caller may not list it.", "Check STATE_BUCKET.")
        )
        yield stops(f"the state bucket {bucket} {what}", remedy)
        return
    if client.get_bucket_versioning(Bucket=bucket).get("Status") != "Enabled":
        yield warns(
            f"the state bucket {bucket} keeps no earlier versions: a state that is damaged is lost.",
            f"aws s3api put-bucket-versioning --bucket {bucket} --versioning-configuration Status=Enabled",
        )
    if not _is_private(client, bucket):
        yield warns(
            f"the state bucket {bucket} does not block public access.",
            f"aws s3api put-public-access-block --bucket {bucket} --public-access-block-configuration "
            + ",".join(f"{setting}=true" for setting in PRIVATE),
        )


def _is_private(client: object, bucket: str) -> bool:
    try:
        found = client.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]  # type: ignore[attr-defined]
    except ClientError as error:
        if code_of(error) == "NoSuchPublicAccessBlockConfiguration":
            return False
        raise
    return all(found.get(setting) for setting in PRIVATE)


def seen(deployment: Deployment) -> str:
    """Say where the states are."""
    wheres = sorted({where.bucket for stack in deployment.stacks if (where := state_object(stack))})
    return f"{', '.join(wheres)} is versioned and private"
