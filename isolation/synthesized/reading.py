"""Reads the JSON of all stacks from the folder that `cdktf synth` writes, and makes stacks of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from isolation.catalogue.arns import DEFAULT_REGION
from isolation.catalogue.root_modules import FILES
from isolation.synthesized.json_blocks import as_blocks, only_block
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

TENANT_TAGS: Final = ("tenant_id", "TenantId")
"""Tags that say whose a resource is; its own tags come before the provider's default tags."""


UNREAD_FILES: Final = "(unread files)"
"""In a document, the files of its folder that Terraform may read and that are not read here; no block is called so."""


class InputError(Exception):
    """What was read is not the JSON of synthesized stacks; the message is one line."""


def read_documents(outdir: Path) -> dict[str, dict[str, Any]]:
    """Read the document of every stack below `outdir`, by stack id.

    A document also has, as `UNREAD_FILES`, the other files of its folder. A folder without a document is a stack of
    which nothing is read.

    Raises:
        InputError: no such folder, no stack in it, or a document that is no JSON object.
    """
    folder = outdir / "stacks"
    if not folder.is_dir():
        raise InputError(f"{outdir}: no folder 'stacks' in it; expected what `cdktf synth` writes")
    documents: dict[str, dict[str, Any]] = {}
    for file in sorted(folder.glob("*/cdk.tf.json")):
        try:
            document = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise InputError(f"{file}: {' '.join(str(error).split())}") from error
        if not isinstance(document, dict):
            raise InputError(f"{file}: received {type(document).__name__}, expected a JSON object")
        documents[file.parent.name] = document
    if not documents:
        raise InputError(f"{folder}: no */cdk.tf.json in it")
    for inner in sorted(folder.iterdir()):
        unread = _unread(inner) if inner.is_dir() else []
        if unread:
            documents.setdefault(inner.name, {})[UNREAD_FILES] = unread
    return documents


def build_stacks(documents: Mapping[str, Mapping[str, Any]], account: str) -> list[SynthesizedStack]:
    """Make stacks of `documents`, all deployed to `account`.

    Raises:
        InputError: a document does not have the shape of Terraform's JSON.
    """
    ordinals: dict[str, int] = {}
    stacks = []
    for id_, document in sorted(documents.items()):
        try:
            stacks.append(_build(id_, document, account, ordinals))
        except (AttributeError, TypeError, ValueError, KeyError, IndexError) as error:
            raise InputError(f"{id_}: not the shape of Terraform's JSON ({error!r})") from error
    return stacks


def _unread(folder: Path) -> list[str]:
    """Return the files in a stack's folder that may declare something; Terraform does not read folders inside."""
    return sorted(file.name for file in folder.iterdir() if file.is_file() and not FILES.fullmatch(file.name))


def _build(id_: str, document: Mapping[str, Any], account: str, ordinals: dict[str, int]) -> SynthesizedStack:
    providers = as_blocks(document.get("provider", {}).get("aws", []))
    provider = next((block for block in providers if "alias" not in block), {})
    defaults = {
        str(key): str(value)
        for key, value in only_block(only_block(provider.get("default_tags")).get("tags")).items()
    }
    resources: dict[tuple[str, str], SynthesizedResource] = {}
    by_type: dict[str, list[SynthesizedResource]] = {}
    # A module's resources are not in the document: it counts as a resource of a type that is not modelled.
    declared = {
        **document.get("resource", {}),
        **({"module": document["module"]} if "module" in document else {}),
    }
    for type_, named in declared.items():
        for name, body in named.items():
            arguments = only_block(body)
            own = arguments.get("tags")
            own = {str(key): str(value) for key, value in own.items()} if isinstance(own, dict) else {}
            resource = SynthesizedResource(
                id_, type_, name, arguments, {**defaults, **own}, _owner(own) or _owner(defaults)
            )
            resources[type_, name] = resource
            by_type.setdefault(type_, []).append(resource)
            if type_ == "aws_secretsmanager_secret":
                ordinals[resource.address] = len(ordinals)
    data = frozenset(f"{type_}.{name}" for type_, named in document.get("data", {}).items() for name in named)
    region = provider.get("region")
    region = region if isinstance(region, str) and "${" not in region else DEFAULT_REGION
    return SynthesizedStack(id_, region, account, resources, data, ordinals, by_type, _owner(defaults))


def _owner(tags: Mapping[str, str]) -> str | None:
    return next((tags[tag] for tag in TENANT_TAGS if tags.get(tag)), None)
