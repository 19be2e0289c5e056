"""What a release takes of each synthesized stack: the files that Terraform reads, and what is said of them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from config.problems import ConfigurationError, Problem
from fleet.comparison.changes import OF_A_COMMIT
from fleet.packages import objects_of
from fleet.release.manifest import CONFIGURATION, Kind, StackEntry, digest
from fleet.release.store import keep
from fleet.synthesized import SynthesizedStack

LOCK_FILE: Final = ".terraform.lock.hcl"
ASSETS: Final = "assets"
PACKAGE: Final = ".zip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """One stack, its files kept.

    Attributes:
        entry: of the manifest.
        packages: size in bytes of each function package, by SHA-256.
        objects: function packages that are in a bucket, `s3://bucket/key`.
    """

    entry: StackEntry
    packages: Mapping[str, int]
    objects: tuple[str, ...]


def contents_of(stack: SynthesizedStack, store: Path) -> Contents:
    """Keep the files of `stack` in `store`, and return what the manifest says of them.

    Other files in the stack's folder, such as what `cdktf deploy` leaves there, are not part of the release.

    Raises:
        ConfigurationError: a file that the stack names is missing, cannot be read, or cannot be kept.
    """
    paths = {CONFIGURATION, LOCK_FILE, *_assets(stack.folder)}
    for number, name in enumerate(stack.literals("aws_lambda_function", "filename")):
        if name not in paths:
            where = f"{stack.folder / CONFIGURATION}: filename {number}"
            expected = f"a file below {stack.folder / ASSETS}"
            raise ConfigurationError([Problem(where=where, received=name, expected=expected)])
    files, packages = {}, {}
    for path in sorted(paths):
        content = _content(stack.folder / path)
        files[path] = keep(store, content)
        if path.endswith(PACKAGE):
            packages[files[path]] = len(content)
    kind: Kind = "platform" if stack.silo is None else "silo"
    return Contents(
        entry=StackEntry(
            id=stack.id,
            kind=kind,
            tenants=tuple(_tenants(stack)),
            region=stack.region,
            account=next(iter(stack.accounts), None),
            backend=stack.backend,
            files=files,
            content=content_of(files, _content(stack.folder / CONFIGURATION)),
            shape=shape_of(stack),
            alarms=tuple(sorted(stack.literals("aws_cloudwatch_metric_alarm", "alarm_name"))),
        ),
        packages=packages,
        objects=tuple(f"s3://{package.bucket}/{package.key}" for package in objects_of(stack)),
    )


def content_of(files: Mapping[str, str], configuration: bytes) -> str:
    """Return a digest of a stack's files that is the same whoever committed.

    The default tags that say who synthesized a stack, and for what, differ from one commit to the next. A stack that
    differs from the last one in them alone is not deployed again: a commit that changes nothing of a tenant's leaves
    its resources alone, and their tags name the commit that last did.

    Args:
        files: SHA-256 by path in the stack's folder.
        configuration: the bytes of `cdk.tf.json`.
    """
    others = {path: sha256 for path, sha256 in files.items() if path != CONFIGURATION}
    return digest(json.dumps([_uncommitted(json.loads(configuration)), others], sort_keys=True).encode())


def _uncommitted(value: Any) -> Any:  # noqa: ANN401 (any JSON)
    """Return `value` without the tags of a commit."""
    if isinstance(value, list):
        return [_uncommitted(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {
        key: {tag: text for tag, text in item.items() if tag not in OF_A_COMMIT}
        if key == "tags" and isinstance(item, dict)
        else _uncommitted(item)
        for key, item in value.items()
    }


def shape_of(stack: SynthesizedStack) -> str:
    """Return a digest of the resources' addresses and of the names of their arguments, nested ones included.

    Stacks of one shape differ in values alone.
    """
    outline = {
        f"{kind}.{name}": _outline(body)
        for kind, bodies in stack.resources.items()
        for name, body in bodies.items()
    }
    return digest(json.dumps(outline, sort_keys=True).encode())[:12]


def _outline(value: Any) -> object:  # noqa: ANN401 (any JSON)
    if isinstance(value, Mapping):
        return {key: _outline(item) for key, item in value.items() if key != "//"}
    if isinstance(value, list):
        return [_outline(item) for item in value]
    return None


def _tenants(stack: SynthesizedStack) -> list[str]:
    owners = {stack.owner(body) for bodies in stack.resources.values() for body in bodies.values()}
    return sorted(owner for owner in {stack.silo, *owners} if owner)


def _assets(folder: Path) -> list[str]:
    found = (folder / ASSETS).rglob("*")
    return [path.relative_to(folder).as_posix() for path in found if path.is_file()]


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        expected = "a file of the stack, as synthesized"
        raise ConfigurationError(
            [Problem(where=str(file), received=error.strerror, expected=expected)]
        ) from None
