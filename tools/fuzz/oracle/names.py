"""What AWS takes for an id, a network, a time, a domain, an ARN, an image, a bucket, a tag."""

from __future__ import annotations

import functools
import string
from collections.abc import Iterator
from datetime import datetime
from ipaddress import IPv4Network, ip_address
from typing import Any, Final
from urllib.parse import urlsplit

import boto3

_LETTERS: Final = frozenset(string.ascii_lowercase)
_DIGITS: Final = frozenset(string.digits)
_HEX: Final = frozenset("0123456789abcdef")
_PARTITIONS: Final = ("aws", "aws-us-gov")


@functools.cache
def regions() -> dict[str, str]:
    """Return the regions that the AWS SDK knows, each with its partition."""
    session = boto3.session.Session()
    return {
        region: partition
        for partition in _PARTITIONS
        for region in session.get_available_regions("sts", partition_name=partition)
    }


def id_objections(id_: str) -> Iterator[str]:
    """Yield why no tenant can have `id_`: it is part of hosts and of the names of buckets."""
    if not 1 <= len(id_) <= 30:
        yield f"an id of the wrong length: {id_!r}"
    elif (
        not set(id_) <= _LETTERS | _DIGITS | {"-"} or id_[0] not in _LETTERS or id_[-1] == "-" or "--" in id_
    ):
        yield f"an id that is no host: {id_!r}"


def network_objections(network: object) -> Iterator[str]:
    """Yield why no VPC has `network`, as text (https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html)."""
    address, _, length = str(network).partition("/")
    parts = address.split(".")
    if not all(part.isascii() and part.isdigit() and str(int(part)) == part for part in (*parts, length)):
        yield f"no network: {network!r}"
        return
    if not 16 <= int(length) <= 28 or not IPv4Network(str(network)).is_private:
        yield f"no network for a VPC: {network!r}"
    if parts[0] not in {"10", "172", "192"}:
        yield f"no network of RFC 1918: {network!r}"


def time_objections(written: object) -> Iterator[str]:
    """Yield why the tag CreatedAt cannot say `written`."""
    try:
        moment = datetime.fromisoformat(str(written))
        if moment.tzinfo is None:
            yield f"a time of no zone: {written!r}"
        moment.timestamp()
    except (ValueError, OverflowError) as error:
        yield f"no time: {written!r} ({error})"
    if str(written)[10:11] != "T":
        yield f"no ISO 8601: {written!r}"


def domain_objections(domain: str) -> Iterator[str]:
    """Yield why `domain` is none (RFC 1123, 2.1; a rule's host has 128 characters at most)."""
    if len(domain) > 128 - len("*.") - 31:
        yield f"a domain of the wrong length: {domain!r}"
    yield from label_objections(domain)


def label_objections(domain: str) -> Iterator[str]:
    """Yield why `domain` is none, however long it is."""
    labels = domain.split(".")
    if len(labels) < 2:
        yield f"a domain of one label: {domain!r}"
    for label in labels:
        inner = set(label) <= _LETTERS | _DIGITS | {"-"}
        if not 1 <= len(label) <= 63 or not inner or label[0] == "-" or label[-1] == "-":
            yield f"a label that is none: {label!r}"
    if labels[-1][:1] in _DIGITS:
        yield f"a number for a top-level domain: {domain!r}"


def certificate_objections(arn: str, region: str) -> Iterator[str]:
    """Yield why no load balancer of `region` can use `arn`."""
    parts = arn.split(":")
    wanted = ["arn", regions().get(region, "?"), "acm", region]
    if parts[:4] != wanted or len(parts) != 6:
        yield f"no certificate of {region}: {arn!r}"
    elif len(parts[4]) != 12 or not set(parts[4]) <= _DIGITS:
        yield f"a certificate of no account: {arn!r}"
    else:
        kind, _, name = parts[5].partition("/")
        lengths = [len(part) for part in name.split("-")]
        if kind != "certificate" or lengths != [8, 4, 4, 4, 12] or not set(name) <= _HEX | {"-"}:
            yield f"no certificate: {arn!r}"


def image_objections(image: str) -> Iterator[str]:
    """Yield why no task can pull `image` (https://pkg.go.dev/github.com/distribution/reference, read by hand)."""
    name, at, digest = image.partition("@")
    if at and (digest[:7] != "sha256:" or len(digest) != 71 or not set(digest[7:]) <= _HEX):
        yield f"no digest: {image!r}"
    path = name.split("/")
    last, colon, tag = path[-1].partition(":")
    path[-1] = last
    tags = _LETTERS | _DIGITS | set(string.ascii_uppercase) | set("_.-")
    if colon and (not 1 <= len(tag) <= 128 or not set(tag) <= tags or tag[0] in ".-"):
        yield f"no tag: {image!r}"
    if len(image) > 255:
        yield f"an image of {len(image)} characters"
    if len(path) > 1 and ("." in path[0] or ":" in path[0] or path[0] == "localhost"):
        host, _, port = path.pop(0).partition(":")
        if host == "localhost" or "." not in host or host.replace(".", "").isdigit():
            yield f"an image that no task can reach: {image!r}"
        if port and not (port.isdigit() and 1 <= int(port) <= 65_535):
            yield f"no port: {image!r}"
    for part in path:
        allowed = set(part) <= _LETTERS | _DIGITS | set("._-")
        if not part or not allowed or part[0] in "._-" or part[-1] in "._-" or ".." in part:
            yield f"no repository: {image!r}"
    if len(path) == 1 and path[0].replace(".", "").isdigit() and "." in path[0]:
        yield f"an address for an image: {image!r}"


def delivery_objections(environment: dict[str, Any]) -> Iterator[str]:
    """Yield why builds of `environment` can neither pull the image of its delivery nor run as its deployer.

    The registry of an image is in the account and region that its host names
    (https://docs.aws.amazon.com/AmazonECR/latest/userguide/Registries.html).
    """
    delivery, account, region = environment["delivery"], environment["account"], environment["region"]
    image, arn = delivery["image"], delivery["deployer_role_arn"]
    host, _, name = image.partition("/")
    if host != f"{account}.dkr.ecr.{region}.amazonaws.com" + ".cn" * region.startswith("cn-"):
        yield f"no registry of {account} in {region}: {host!r}"
    if "@sha256:" not in name:
        yield f"an image that may be another one tomorrow: {image!r}"
    yield from image_objections(image)
    yield from principal_objections(arn, region)
    if not arn.partition(":iam::")[2].startswith(f"{account}:role/"):
        yield f"no role of {account}: {arn!r}"


def bucket_objections(name: str) -> Iterator[str]:
    """Yield why S3 has no bucket `name` (https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html)."""
    if (
        not 3 <= len(name) <= 63
        or not set(name) <= _LETTERS | _DIGITS | set(".-")
        or name[0] in ".-"
        or name[-1] in ".-"
        or ".." in name
    ):
        yield f"no bucket: {name!r}"
    for reserved in ("xn--", "sthree-", "amzn-s3-demo-"):
        if name.startswith(reserved):
            yield f"a bucket of S3's own: {name!r}"
    for reserved in ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3"):
        if name.endswith(reserved):
            yield f"a bucket of S3's own: {name!r}"
    if len(name.split(".")) == 4 and name.replace(".", "").isdigit():
        yield f"an address for a bucket: {name!r}"


def tag_objections(value: str) -> Iterator[str]:
    """Yield why AWS takes no tag `value`.

    Source: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
    """
    if not 1 <= len(value) <= 256 or value.lower().startswith("aws:"):
        yield f"no tag: {value!r}"
    if any(not (character.isalnum() or character in " +-=._:/@") for character in value):
        yield f"a tag with other characters: {value!r}"


def endpoint_objections(url: str, *, production: bool) -> Iterator[str]:
    """Yield why the SDK's `AWS_ENDPOINT_URL` must not be `url`."""
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
        if parts.netloc.startswith("[") or host.replace(".", "").isdigit():
            ip_address(host)
    except ValueError as error:
        yield f"no address: {url!r} ({error})"
        return
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        yield f"no URL: {url!r}"
    if (
        parts.username
        or parts.password
        or parts.path.strip("/")
        or parts.query
        or parts.fragment
        or "@" in url
    ):
        yield f"more than a host and a port: {url!r}"
    if any(character.isspace() for character in url):
        yield f"spaces in a URL: {url!r}"
    local = host in {"127.0.0.1", "::1", "localhost"}
    if production and parts.scheme == "http" and not local:
        yield f"unencrypted: {url!r}"


def principal_objections(arn: str, region: str) -> Iterator[str]:
    """Yield why no key policy can name `arn` (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html)."""
    parts = arn.split(":")
    if len(parts) != 6 or parts[:4] != ["arn", regions().get(region, "?"), "iam", ""]:
        yield f"no principal of {region}: {arn!r}"
        return
    kind, _, path = parts[5].partition("/")
    name = path.rpartition("/")[2]
    if kind not in {"role", "user"} or not 1 <= len(name) <= 64 or "*" in arn or "?" in arn:
        yield f"no role and no user: {arn!r}"
    if len(parts[4]) != 12 or not set(parts[4]) <= _DIGITS:
        yield f"no account: {arn!r}"
