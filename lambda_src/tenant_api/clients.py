"""AWS clients with bounded waits: if a service is slow, the caller gets a response and not a timeout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config

from runtime.aws import bounded

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

# Three attempts of at most 7 s each stay below the 30 s that an HTTP API waits for its integration:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
_BOUNDED = bounded(connect_timeout=2, read_timeout=5, attempts=3)


def dynamodb_client() -> DynamoDBClient:
    """Return a DynamoDB client; boto3 finds the region, the credentials and the endpoint itself."""
    return boto3.client("dynamodb", config=_BOUNDED)


def s3_client() -> S3Client:
    """Return an S3 client that signs URLs with Signature Version 4, for the bucket's own host in this region.

    S3 accepts no older signature for objects that are encrypted with a KMS key:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html

    Left to itself, boto3 signs URLs for the global host `s3.amazonaws.com`. S3 redirects from there, to a host that
    the signature does not cover, and in regions launched after March 20, 2019, it answers with an error:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html#VirtualHostingBackwardsCompatibility
    """
    config = Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
        # A signed URL is used by a browser or curl, and neither computes the SDK's checksums.
        request_checksum_calculation="when_required",
    )
    return boto3.client("s3", config=_BOUNDED.merge(config))
