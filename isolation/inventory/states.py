"""Judges where the stacks' states are kept: a state has every value of its stack, secrets among them.

https://developer.hashicorp.com/terraform/language/state/sensitive-data
"""

from __future__ import annotations

import json
import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from isolation.catalogue.root_modules import BACKENDS
from isolation.inventory.edge import Edge
from isolation.synthesized.json_blocks import as_blocks, as_list
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack


class States:
    """Where the state of each stack is kept.

    Attributes:
        found: the states that are in a bucket of a tenant's, which reads there what is others'.
        gaps: the states of which it is not known who reads or writes them, with an owner of something in the stack.
        buckets: buckets that no stack declares and that states are in, by name, with a stack whose state is there.
    """

    def __init__(self, stacks: list[SynthesizedStack], documents: Mapping[str, Mapping[str, Any]]) -> None:
        self.found: list[Edge] = []
        self.gaps: list[tuple[str | None, str]] = []
        self.buckets: dict[str, SynthesizedStack] = {}
        self._declared: dict[str, SynthesizedResource] = {
            stack.name_of(bucket): bucket for stack in stacks for bucket in stack.all("aws_s3_bucket")
        }
        places: dict[str, list[SynthesizedStack]] = defaultdict(list)
        for stack in stacks:
            for type_, backend in _backends(documents[stack.id]):
                place = self._read(stack, type_, backend)
                if place:
                    places[place].append(stack)
        for place, sharing in places.items():
            if len(sharing) > 1:
                # Each deployment takes what the others declare for its own, and destroys it.
                ids = " and ".join(stack.id for stack in sharing)
                for stack in sharing:
                    self._doubt(stack, f"{stack.id}: {ids} keep their states in one place, {place}")

    def _read(self, stack: SynthesizedStack, type_: str, backend: Mapping[str, Any]) -> str:
        """Judge the backend of `stack`, and return where it keeps the state; empty if that is not known."""
        if type_ not in BACKENDS:
            self._doubt(stack, f"{stack.id}: block terraform.backend.{type_} is not modelled")
            return ""
        for name, value in backend.items():
            if value is not None and name not in BACKENDS[type_]:
                self._doubt(stack, f"{stack.id}: argument terraform.backend.{type_}.{name} is not modelled")
        if type_ == "local":
            path = backend.get("path") or "terraform.tfstate"
            return posixpath.normpath(posixpath.join("stacks", stack.id, str(path)))
        bucket = backend.get("bucket")
        if not isinstance(bucket, str) or not bucket:
            self._doubt(
                stack, f"{stack.id}: argument terraform.backend.s3.bucket is known at deployment only"
            )
            return ""
        self._in_bucket(stack, bucket)
        return f"{bucket}/{json.dumps(backend.get('key'))}"

    def _in_bucket(self, stack: SynthesizedStack, name: str) -> None:
        bucket = self._declared.get(name)
        if bucket is None:
            self.buckets.setdefault(name, stack)
            return
        if bucket.owner is None:
            return
        for owner in _owners(stack) - {bucket.owner}:
            story = f"{bucket.address} has the state of {stack.id}, and all the values in it"
            self.found.append(Edge(bucket.owner, owner, "bucket", story))
        # Whoever writes its own state decides what the next deployment changes, of whomever.
        text = f"{bucket.address}: a tenant's bucket has the state of {stack.id}"
        self.gaps.append((bucket.owner, text))

    def _doubt(self, stack: SynthesizedStack, text: str) -> None:
        self.gaps += [(owner, text) for owner in _owners(stack)]


def _owners(stack: SynthesizedStack) -> set[str | None]:
    return {stack.owner, *(resource.owner for resource in stack.resources.values())}


def _backends(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for block in as_blocks(document.get("terraform")):
        for backend in as_blocks(block.get("backend")):
            for type_, body in backend.items():
                for one in as_list(body):
                    yield type_, one if isinstance(one, dict) else {}
