"""Data access: the tenant's S3 bucket, in which every object is encrypted with the tenant's key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

URL_LIFETIME_SECONDS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """An object's content and media type."""

    content: bytes
    content_type: str


class ObjectMissingError(Exception):
    """There is no such object."""


class ObjectArchivedError(Exception):
    """S3 Intelligent-Tiering has moved the object to an archive tier; it must be restored first."""


class ObjectNotArchivedError(Exception):
    """The object can be read as it is."""


class ObjectTooLargeError(Exception):
    """The object is larger than the caller's limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """One tenant's bucket.

    Attributes:
        client: The S3 client.
        name: The bucket's name.
        kms_key_id: Id or ARN of the tenant's key.
    """

    client: S3Client
    name: str
    kms_key_id: str

    def ping(self) -> None:
        """Check that the bucket exists and responds."""
        self.client.head_bucket(Bucket=self.name)

    def get(self, key: str, *, limit: int) -> StoredObject:
        """Read an object of at most `limit` bytes.

        Raises:
            ObjectMissingError: There is no such object.
            ObjectArchivedError: The object is in an archive tier.
            ObjectTooLargeError: The object is larger than `limit` bytes; its content has not been read.
        """
        try:
            answer = self.client.get_object(Bucket=self.name, Key=key)
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in {"NoSuchKey", "404"}:
                raise ObjectMissingError from error
            if code == "InvalidObjectState":
                raise ObjectArchivedError from error
            raise
        with answer["Body"] as body:
            if answer["ContentLength"] > limit:
                raise ObjectTooLargeError
            return StoredObject(content=body.read(), content_type=answer["ContentType"])

    def put(self, key: str, content: bytes, content_type: str) -> None:
        """Store an object, encrypted with the tenant's key."""
        self.client.put_object(
            Bucket=self.name,
            Key=key,
            Body=content,
            ContentType=content_type,
            ServerSideEncryption="aws:kms",
            SSEKMSKeyId=self.kms_key_id,
        )

    def restore(self, key: str) -> None:
        """Have S3 move an archived object back to where it can be read, which takes 3 to 12 hours.

        An object of S3 Intelligent-Tiering stays there, for no number of days
        (https://docs.aws.amazon.com/AmazonS3/latest/userguide/restoring-objects.html). To ask again changes nothing.

        Raises:
            ObjectMissingError: There is no such object.
            ObjectNotArchivedError: The object is in no archive tier.
        """
        try:
            self.client.restore_object(Bucket=self.name, Key=key, RestoreRequest={})
        except ClientError as error:
            code = error.response["Error"]["Code"]
            if code in {"NoSuchKey", "404"}:
                raise ObjectMissingError from error
            if code in {"InvalidObjectState", "ObjectAlreadyInActiveTierError"}:
                raise ObjectNotArchivedError from error
            if code != "RestoreAlreadyInProgress":
                raise

    def delete(self, key: str) -> None:
        """Delete an object; S3 responds the same if there is none."""
        self.client.delete_object(Bucket=self.name, Key=key)

    def sizes(self) -> Iterator[tuple[str, int]]:
        """Yield each object's key and bytes: one request for every thousand."""
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name):
            for entry in page.get("Contents", []):
                yield entry["Key"], entry["Size"]

    def download_url(self, key: str) -> str:
        """Return a URL that reads the object.

        It is valid for `URL_LIFETIME_SECONDS`, or until the role's session ends if that is sooner.
        """
        return self.client.generate_presigned_url(
            "get_object", Params={"Bucket": self.name, "Key": key}, ExpiresIn=URL_LIFETIME_SECONDS
        )

    def upload_url(self, key: str, *, size: int, content_type: str) -> tuple[str, dict[str, str]]:
        """Return a URL that stores an object of exactly `size` bytes, and the headers to send with it.

        The signature covers the size, the media type and the encryption key: S3 refuses any other.
        """
        headers = {
            "Content-Length": str(size),
            "Content-Type": content_type,
            "x-amz-server-side-encryption": "aws:kms",
            "x-amz-server-side-encryption-aws-kms-key-id": self.kms_key_id,
        }
        url = self.client.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self.name,
                "Key": key,
                "ContentLength": size,
                "ContentType": content_type,
                "ServerSideEncryption": "aws:kms",
                "SSEKMSKeyId": self.kms_key_id,
            },
            ExpiresIn=URL_LIFETIME_SECONDS,
        )
        return url, headers
