"""Where Terraform keeps the states: reachable, versioned, private."""

from __future__ import annotations

from collections.abc import Iterator

from preflight.buckets import GivenBucket, missing, weaknesses
from preflight.deployment import Deployment, state_object
from preflight.findings import Finding, warns


def check(deployment: Deployment) -> Iterator[Finding]:
    """Find a bucket that is missing, forgets earlier states or could become public, and states in files."""
    wheres = [state_object(stack) for stack in deployment.stacks]
    if None in wheres:
        yield warns("states are files on this machine.", "Keep them in S3: set STATE_BUCKET.")
    for name, region in sorted({(where.bucket, where.region) for where in wheres if where}):
        bucket = GivenBucket(
            name=name,
            region=region,
            role="state bucket",
            setting="STATE_BUCKET",
            loss="a state that is damaged is lost",
            elsewhere="Name the region of the bucket, or a bucket of the region.",
        )
        found = missing(deployment.account, bucket)
        yield from [found] if found else weaknesses(deployment.account, bucket)


def seen(deployment: Deployment) -> str:
    """Say where the states are."""
    wheres = sorted({where.bucket for stack in deployment.stacks if (where := state_object(stack))})
    return f"{', '.join(wheres)} is versioned and private"
