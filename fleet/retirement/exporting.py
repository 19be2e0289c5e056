"""Copies what is the tenant's: objects, items, and the dump of a schema, with a manifest that says what all of it is.

Objects are copied as they are now: not their earlier versions, which go with the bucket. Keys and items are in what is
copied and in its manifest, and nowhere else; the record has counts and the manifest's digest.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fleet.release.manifest import digest
from fleet.retirement.context import Client, Context, StepError, answered, of_tenant
from fleet.retirement.destination import CHUNK, SCHEME, ExportDestination, destination
from fleet.retirement.record import Retirement


def export(context: Context, retirement: Retirement) -> Mapping[str, Any]:
    """Copy the tenant's data to where the request says, and return counts and the manifest's digest.

    Raises:
        StepError: something cannot be read or written, or is not the same afterwards.
    """
    request = retirement.request
    if not request.export:
        return {"exported": False, "why": request.no_export}
    if "platform" in retirement.stacks.values() and not request.schema_dump:
        raise StepError(
            f"{retirement.tenant} has a schema in the shared database: name the file of its dump with `schema_dump` "
            "(docs/restore.md, a Fargate tenant's schema, says how it is made)"
        )
    region = context.region(next(iter(retirement.stacks)))
    to = destination(request.export, context, region)
    manifest: dict[str, Any] = {"version": 1, "tenant": retirement.tenant, "buckets": {}, "tables": {}}
    for stack, identity in of_tenant(retirement, "aws_s3_bucket"):
        client = context.client("s3", context.region(stack), profile=context.export_profile)
        with answered(f"reading {SCHEME}{identity['id']}"):
            manifest["buckets"][identity["id"]] = _objects(client, identity["id"], to)
    for stack, identity in of_tenant(retirement, "aws_dynamodb_table"):
        client = context.client("dynamodb", context.region(stack), profile=context.export_profile)
        with answered(f"reading the table {identity['id']}"):
            manifest["tables"][identity["id"]] = _items(client, identity["id"], to)
    if request.schema_dump:
        manifest["schema_dump"] = _dump(Path(request.schema_dump), to)
    content = (json.dumps(manifest, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()
    to.finish(content)
    objects = [entry for entries in manifest["buckets"].values() for entry in entries]
    return {
        "exported": True,
        "to": request.export,
        "manifest": digest(content),
        "objects": len(objects),
        "bytes": sum(entry["size"] for entry in objects),
        "items": sum(table["items"] for table in manifest["tables"].values()),
        "schema_dump": manifest.get("schema_dump", {}).get("sha256"),
    }


def _objects(client: Client, bucket: str, to: ExportDestination) -> list[dict[str, Any]]:
    found = []
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        for entry in page.get("Contents", []):
            answer = client.get_object(Bucket=bucket, Key=entry["Key"])
            blob = to.keep(answer["Body"].iter_chunks(CHUNK))
            described = {"content_type": answer.get("ContentType"), "metadata": answer.get("Metadata", {})}
            found.append({"key": entry["Key"], "sha256": blob.sha256, "size": blob.size, **described})
    return found


def _items(client: Client, table: str, to: ExportDestination) -> Mapping[str, Any]:
    """Copy the items as lines of JSON with DynamoDB's types, in the order in which it gives them."""
    count = 0

    def lines() -> Iterator[bytes]:
        nonlocal count
        for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            for item in page["Items"]:
                count += 1
                yield (json.dumps(item, sort_keys=True, default=_text) + "\n").encode()

    blob = to.keep(lines())
    return {"items": count, "sha256": blob.sha256, "size": blob.size}


def _dump(file: Path, to: ExportDestination) -> Mapping[str, Any]:
    try:
        with file.open("rb") as opened:
            blob = to.keep(iter(lambda: opened.read(CHUNK), b""))
    except OSError as error:
        raise StepError(f"{file}: {error.strerror}, expected the dump of the tenant's schema") from None
    return {"sha256": blob.sha256, "size": blob.size}


def _text(value: object) -> str:
    """Return what JSON has no form for: bytes, as DynamoDB's own JSON has them."""
    if isinstance(value, bytes | bytearray):
        return base64.b64encode(value).decode()
    raise TypeError(type(value).__name__)
