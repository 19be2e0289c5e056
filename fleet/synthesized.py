"""The synthesized stacks, as Terraform will read them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Resource = Mapping[str, Any]


class UnreadableStacksError(Exception):
    """There are no synthesized stacks, or what is there was not synthesized; the message says where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SynthesizedStack:
    """One stack.

    Attributes:
        id: of the stack.
        region: that its provider deploys to.
        backend: of its state, such as `{"s3": {"bucket": ..., "key": ...}}`.
        folder: that Terraform runs in, and that a path in it is relative to.
        resources: by type, then by id.
        accounts: whose credentials alone Terraform plans with; empty takes any.
    """

    id: str
    region: str
    backend: Mapping[str, Mapping[str, Any]]
    folder: Path
    resources: Mapping[str, Mapping[str, Resource]]
    accounts: tuple[str, ...] = ()

    def all(self, kind: str) -> Mapping[str, Resource]:
        """Return every resource of a type, by id."""
        return self.resources.get(kind, {})

    def count(self, kind: str) -> int:
        """Return how many resources of a type it has."""
        return len(self.all(kind))

    def texts(self, kind: str, argument: str) -> Iterator[str]:
        """Return what an argument says in each resource of a type, references and all."""
        for resource in self.all(kind).values():
            value = resource.get(argument)
            if isinstance(value, str) and value:
                yield value

    def literals(self, kind: str, argument: str) -> Iterator[str]:
        """Return what an argument says in each resource of a type, where it refers to nothing else."""
        return (text for text in self.texts(kind, argument) if "${" not in text)


def read_stacks(outdir: Path) -> tuple[SynthesizedStack, ...]:
    """Return the stacks below `outdir` (`cdktf.out`), in the order of their ids.

    Raises:
        UnreadableStacksError: nothing was synthesized there.
    """
    manifest = _object(outdir / "manifest.json")
    stacks = manifest.get("stacks")
    if not isinstance(stacks, dict) or not stacks:
        raise UnreadableStacksError(
            f"{outdir / 'manifest.json'}: expected at least one stack; run `make synth`"
        )
    return tuple(_read(outdir, name, entry) for name, entry in sorted(stacks.items()))


def _read(outdir: Path, name: str, entry: object) -> SynthesizedStack:
    path = entry.get("synthesizedStackPath") if isinstance(entry, dict) else None
    if not isinstance(path, str):
        raise UnreadableStacksError(f"{outdir / 'manifest.json'}: stacks.{name} names no synthesized stack")
    file = outdir / path
    document = _object(file)
    resources = document.get("resource", {})
    if not isinstance(resources, dict) or not all(isinstance(bodies, dict) for bodies in resources.values()):
        raise UnreadableStacksError(f"{file}: expected resources by type and id, as synthesized")
    try:
        (provider,) = document["provider"]["aws"]
        return SynthesizedStack(
            id=name,
            region=provider["region"],
            backend=document["terraform"].get("backend", {}),
            folder=file.parent,
            resources=resources,
            accounts=tuple(provider.get("allowed_account_ids") or ()),
        )
    except (KeyError, TypeError, ValueError):
        raise UnreadableStacksError(
            f"{file}: expected one AWS provider with a region, as synthesized"
        ) from None


def _object(file: Path) -> dict[str, Any]:
    try:
        document = json.loads(file.read_text())
    except OSError as error:
        raise UnreadableStacksError(f"{file}: {error.strerror}; run `make synth`") from None
    except (ValueError, RecursionError):
        raise UnreadableStacksError(f"{file}: expected JSON, as synthesized") from None
    if not isinstance(document, dict):
        raise UnreadableStacksError(f"{file}: expected a JSON object, as synthesized")
    return document
