"""A second reading of the stacks' documents: what is declared, whose it is, what an argument refers to.

It shares nothing with `isolation.synthesized`: what both got wrong alike, no comparison would show. It reads what the
comparing tests write, plain references and literals, and no more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

Documents = Mapping[str, Mapping[str, Any]]
_REFERENCE: Final = re.compile(r"\$\{([a-z0-9_]+)\.([\w-]+)\.[^}]*\}")
_OWNERS: Final = ("TenantId", "tenant_id")


class Declared(NamedTuple):
    """One resource of one stack.

    Attributes:
        stack: id of the stack.
        type: such as `aws_subnet`.
        name: its name in the document.
        body: its arguments.
    """

    stack: str
    type: str
    name: str
    body: Mapping[str, Any]

    @property
    def address(self) -> str:
        """Where it is declared: `stack/type.name`."""
        return f"{self.stack}/{self.type}.{self.name}"


def declared(documents: Documents, *types: str) -> Iterator[Declared]:
    """Return all resources, or those of `types`."""
    for stack, document in documents.items():
        for type_, named in document.get("resource", {}).items():
            for name, body in named.items():
                if not types or type_ in types:
                    yield Declared(stack, type_, name, body)


def owner_of(documents: Documents, resource: Declared) -> str | None:
    """Return the tenant whose `resource` is, by its own tags or else by the provider's; `None` is the platform."""
    tags: dict[str, str] = {}
    for provider in blocks(documents[resource.stack].get("provider", {}).get("aws")):
        for defaults in blocks(provider.get("default_tags")):
            tags |= defaults.get("tags") or {}
    tags |= resource.body.get("tags") or {}
    return next((tags[tag] for tag in _OWNERS if tags.get(tag)), None)


def referred(documents: Documents, stack: str, value: object) -> list[Declared]:
    """Return the resources of `stack` that the texts in `value` refer to."""
    found = []
    for text in texts(value):
        for type_, name in _REFERENCE.findall(text):
            body = documents[stack].get("resource", {}).get(type_, {}).get(name)
            if body is not None:
                found.append(Declared(stack, type_, name, body))
    return found


def blocks(value: Any) -> list[Mapping[str, Any]]:  # noqa: ANN401 (JSON)
    """Return the blocks of an argument: one, several or none."""
    found = value if isinstance(value, list) else [value]
    return [block for block in found if isinstance(block, dict)]


def texts(value: object) -> Iterator[str]:
    """Return every text in `value`, however deep."""
    if isinstance(value, str):
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts(inner)
