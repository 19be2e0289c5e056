"""AWS clients with bounded waits, so that a slow store becomes an answer and not a timeout."""

from __future__ import annotations

from typing import TYPE_CHECKING

import boto3
from botocore.config import Config
from runtime.aws import bounded

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_s3 import S3Client

# Seconds. Three attempts of at most 7 s stay below the 30 s that an HTTP API waits for its integration:
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
_BOUNDED = bounded(connect_timeout=2, read_timeout=5, attempts=3)


def dynamodb_client() -> DynamoDBClient:
    """Return a DynamoDB client; boto3 finds region, credentials and endpoint itself."""
    return boto3.client("dynamodb", config=_BOUNDED)


def s3_client() -> S3Client:
    """Return an S3 client that signs URLs with Signature Version 4.

    Objects under a KMS key accept no older signature:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
    """
    # A signed URL is for a browser or curl, neither of which computes the SDK's own checksums.
    config = Config(signature_version="s3v4", request_checksum_calculation="when_required")
    return boto3.client("s3", config=_BOUNDED.merge(config))
