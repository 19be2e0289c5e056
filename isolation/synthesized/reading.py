"""Reads the JSON of all stacks from the folder that `cdktf synth` writes, and makes stacks of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from isolation.catalogue.arns import DEFAULT_REGION
from isolation.catalogue.root_modules import FILES, UNREAD_FILES
from isolation.synthesized.input_error import InputError
from isolation.synthesized.json_blocks import as_blocks, only_block
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack
from isolation.synthesized.strict_json import NotStrictJsonError, loads

TENANT_TAGS: Final = ("tenant_id", "TenantId")
"""Tags that say whose a resource is; its own tags come before the provider's default tags."""

_DOCUMENT: Final = "cdk.tf.json"


def read_documents(outdir: Path) -> dict[str, dict[str, Any]]:
    """Read the document of every stack below `outdir`, by stack id, as `read_with_digests` does."""
    return read_with_digests(outdir)[0]


def read_with_digests(outdir: Path) -> tuple[dict[str, dict[str, Any]], dict[str, str]]:
    """Read the document of every stack below `outdir`, and its SHA-256 in hexadecimal digits, both by stack id.

    A document also has, as `UNREAD_FILES`, the other files of its folder. A folder without a document is a stack of
    which nothing is read.

    Raises:
        InputError: no such folder, no stack in it, or a document that cannot be read as Terraform's JSON.
    """
    folder = outdir / "stacks"
    try:
        if not folder.is_dir():
            raise InputError(f"{outdir}: no folder 'stacks' in it; expected what `cdktf synth` writes")
        read = {entry.name: _read(entry / _DOCUMENT) for entry in sorted(folder.iterdir()) if entry.is_dir()}
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}") from error
    if not read:
        raise InputError(f"{folder}: no */{_DOCUMENT} in it")
    documents = {id_: document for id_, (document, _) in read.items()}
    for id_, document in documents.items():
        unread = _unread(folder / id_)
        if unread and isinstance(document, dict):
            document[UNREAD_FILES] = unread
    return documents, {id_: digest for id_, (_, digest) in read.items()}


def build_stacks(documents: Mapping[str, Mapping[str, Any]], account: str) -> list[SynthesizedStack]:
    """Make stacks of `documents`, which `check_documents` has checked, all deployed to `account`."""
    ordinals: dict[str, int] = {}
    return [_build(id_, document, account, ordinals) for id_, document in sorted(documents.items())]


def _read(file: Path) -> tuple[Any, str]:
    """Return what the JSON in `file` writes, and the SHA-256 of its bytes."""
    if file.parent.name.encode("utf-8", "replace").decode("utf-8") != file.parent.name:
        raise InputError(f"{file}", "a name that is not UTF-8", "the name of a stack")
    if file.exists() and not file.is_file():
        raise InputError(f"{file}", "no regular file", "a file that `cdktf synth` writes")
    try:
        content = file.read_bytes()
        return loads(content.decode("utf-8")), hashlib.sha256(content).hexdigest()
    except UnicodeDecodeError as error:
        raise InputError(f"{file}", f"a byte that is not UTF-8 at {error.start}", "a JSON object") from error
    except NotStrictJsonError as error:
        raise InputError(f"{file}", str(error), "a JSON object as `cdktf synth` writes it") from error


def _unread(folder: Path) -> list[str]:
    """Return the files in a stack's folder that may declare something; Terraform does not read folders inside."""
    return sorted(file.name for file in folder.iterdir() if file.is_file() and not FILES.fullmatch(file.name))


def _build(id_: str, document: Mapping[str, Any], account: str, ordinals: dict[str, int]) -> SynthesizedStack:
    providers = as_blocks(_named(document, "provider").get("aws", []))
    provider = next((block for block in providers if "alias" not in block), {})
    defaults = _tags(only_block(provider.get("default_tags")).get("tags"))
    resources: dict[tuple[str, str], SynthesizedResource] = {}
    by_type: dict[str, list[SynthesizedResource]] = {}
    # A module's resources are not in the document: it counts as a resource of a type that is not modelled.
    declared = {
        **_named(document, "resource"),
        **({"module": document["module"]} if "module" in document else {}),
    }
    for type_, named in declared.items():
        for name, body in _without_comments(named).items():
            arguments = {key: value for key, value in only_block(body).items() if value is not None}
            own = _tags(arguments.get("tags"))
            resource = SynthesizedResource(
                id_, type_, name, arguments, {**defaults, **own}, _owner(own) or _owner(defaults)
            )
            resources[type_, name] = resource
            by_type.setdefault(type_, []).append(resource)
            if type_ == "aws_secretsmanager_secret":
                ordinals[resource.address] = len(ordinals)
    data = frozenset(f"{type_}.{name}" for type_, named in _named(document, "data").items() for name in named)
    region = provider.get("region")
    region = region if isinstance(region, str) and "${" not in region else DEFAULT_REGION
    return SynthesizedStack(id_, region, account, resources, data, ordinals, by_type, _owner(defaults))


def _owner(tags: Mapping[str, str]) -> str | None:
    return next((tags[tag] for tag in TENANT_TAGS if tags.get(tag)), None)


def _named(document: Mapping[str, Any], section: str) -> Mapping[str, Any]:
    """Return what `section` declares, by type."""
    return _without_comments(document.get(section, {}))


def _without_comments(block: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in block.items() if key != "//"}


def _tags(value: object) -> dict[str, str]:
    """Return tags as Terraform converts them to texts; none for an expression."""
    found = value.items() if isinstance(value, dict) else ()
    return {key: tag if isinstance(tag, str) else json.dumps(tag) for key, tag in found if tag is not None}
