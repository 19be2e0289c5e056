"""The synthesized stacks, as Terraform will read them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

Resource = Mapping[str, Any]

SILO_TAG: Final = "TenantId"
"""The default tag of a stack that one tenant owns."""
TENANTS: Final = "tenants"
"""The construct on the platform below which each Fargate tenant has a construct of its id."""


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
        tags: that its provider gives every resource.
        accounts: whose credentials alone Terraform plans with; empty takes any.
    """

    id: str
    region: str
    backend: Mapping[str, Mapping[str, Any]]
    folder: Path
    resources: Mapping[str, Mapping[str, Resource]]
    tags: Mapping[str, str] = field(default_factory=dict)
    accounts: tuple[str, ...] = ()

    @property
    def silo(self) -> str | None:
        """The silo tenant whose stack it is; `None` where the stack is nobody's own."""
        return self.tags.get(SILO_TAG)

    @property
    def delivers(self) -> bool:
        """Whether it is the stack that rolls releases out, which is deployed by name and is part of none."""
        return bool(self.all("aws_sfn_state_machine"))

    @property
    def kind(self) -> str:
        """What it is the stack of: `silo` or `platform`."""
        return "platform" if self.silo is None else "silo"

    def owner(self, resource: Resource) -> str | None:
        """Return the tenant that has `resource` to itself, by the place of its construct; `None` where none has."""
        if self.silo is not None:
            return self.silo
        metadata = resource.get("//", {}).get("metadata", {})
        match str(metadata.get("path", "")).split("/"):
            case [_, part, tenant, _, *_] if part == TENANTS:
                return tenant
        return None

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


def region_of(stack: SynthesizedStack) -> str:
    """Return the region of `stack`."""
    return stack.region


def read_stacks(outdir: Path) -> tuple[SynthesizedStack, ...]:
    """Return the stacks below `outdir` (`cdktf.out`), in the order of their ids.

    Raises:
        UnreadableStacksError: nothing was synthesized there.
    """
    return tuple(read_stack(name, file) for name, file in stack_files(outdir).items())


def stack_files(outdir: Path) -> dict[str, Path]:
    """Return the file of each stack below `outdir` (`cdktf.out`) by the stack's id, in the order of the ids.

    Raises:
        UnreadableStacksError: nothing was synthesized there.
    """
    manifest = _object(outdir / "manifest.json")
    stacks = manifest.get("stacks")
    if not isinstance(stacks, dict) or not stacks:
        raise UnreadableStacksError(
            f"{outdir / 'manifest.json'}: expected at least one stack; run `make synth`"
        )
    found = {}
    for name, entry in sorted(stacks.items()):
        path = entry.get("synthesizedStackPath") if isinstance(entry, dict) else None
        if not isinstance(path, str):
            raise UnreadableStacksError(
                f"{outdir / 'manifest.json'}: stacks.{name} names no synthesized stack"
            )
        found[name] = outdir / path
    return found


def read_stack(name: str, file: Path) -> SynthesizedStack:
    """Return the stack `name` that `file` holds.

    Raises:
        UnreadableStacksError: it holds none.
    """
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
            tags={
                str(key): str(value)
                for block in provider.get("default_tags", [])
                for key, value in block.get("tags", {}).items()
            },
            accounts=tuple(provider.get("allowed_account_ids") or ()),
        )
    except (AttributeError, KeyError, TypeError, ValueError):
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
