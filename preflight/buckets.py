"""Buckets that are there before the stacks: reachable, versioned, private."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import ClientError

from preflight.account import Account, code_of
from preflight.findings import Finding, stops, warns

PRIVATE: Final = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBucket:
    """A bucket that a setting names.

    Attributes:
        name: of the bucket.
        region: that it must be in.
        role: what it is for, as messages say it: `state bucket`.
        setting: the variable that names it.
        loss: what happens without versions.
        elsewhere: what to do about one of another region.
    """

    name: str
    region: str
    role: str
    setting: str
    loss: str
    elsewhere: str


def missing(account: Account, bucket: GivenBucket) -> Finding | None:
    """Return why `bucket` cannot be used at all; `None` where it can."""
    elsewhere = (f"is not in {bucket.region}.", bucket.elsewhere)
    try:
        found = account.client("s3", region=bucket.region).head_bucket(Bucket=bucket.name)
    except ClientError as error:
        reasons = {
            "404": (
                "does not exist.",
                f"Create it, versioned and private, or name another in {bucket.setting}.",
            ),
            "301": elsewhere,
        }
        what, remedy = reasons.get(
            code_of(error),
            ("is another account's, or the caller may not list it.", f"Check {bucket.setting}."),
        )
        return stops(f"the {bucket.role} {bucket.name} {what}", remedy)
    # The SDK follows to the bucket's region, which neither Terraform's backend nor Lambda does.
    if found.get("BucketRegion", bucket.region) != bucket.region:
        return stops(f"the {bucket.role} {bucket.name} {elsewhere[0]}", elsewhere[1])
    return None


def weaknesses(account: Account, bucket: GivenBucket) -> Iterator[Finding]:
    """Find that `bucket`, which is there, forgets earlier versions or could become public."""
    client, name = account.client("s3", region=bucket.region), bucket.name
    if client.get_bucket_versioning(Bucket=name).get("Status") != "Enabled":
        yield warns(
            f"the {bucket.role} {name} keeps no earlier versions: {bucket.loss}.",
            f"aws s3api put-bucket-versioning --bucket {name} --versioning-configuration Status=Enabled",
        )
    if not _is_private(client, name):
        yield warns(
            f"the {bucket.role} {name} does not block public access.",
            f"aws s3api put-public-access-block --bucket {name} --public-access-block-configuration "
            + ",".join(f"{setting}=true" for setting in PRIVATE),
        )


def _is_private(client: Any, bucket: str) -> bool:  # noqa: ANN401 - boto3's clients have no types
    try:
        found = client.get_public_access_block(Bucket=bucket)["PublicAccessBlockConfiguration"]
    except ClientError as error:
        if code_of(error) == "NoSuchPublicAccessBlockConfiguration":
            return False
        raise
    return all(found.get(setting) for setting in PRIVATE)
