"""Says which differences of two synthesized stacks are changes of what deployed stacks are known by."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tools.compare.differences import differences

METADATA: Final = "//"
"""The key of cdktf's and cdktn's own remarks, which Terraform does not read."""
VERSION: Final = "terraform.required_providers.aws.version"
"""The version of the provider, which is to differ."""
KNOWN: Final = ("output", "terraform.backend", "terraform.required_providers.aws.source")
"""What is to be equal, beside stacks and addresses: a state names the provider that wrote it."""
INDICES: Final = "*"
"""What a place in a list is shown as where differences are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What two sides synthesize differently.

    Attributes:
        broken: a line for each difference that a move must not make: a stack, an address, a backend, an output, another
            provider.
        arguments: how often an argument differs, by its type and name, such as `aws_vpc.cidr_block`.
        examples: one difference for each of these.
        stacks: how many were compared.
    """

    broken: tuple[str, ...]
    arguments: Mapping[str, int]
    examples: Mapping[str, str]
    stacks: int


def judge(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> Verdict:
    """Compare the stacks `before` and `after`: each one's JSON by its id."""
    broken: list[str] = []
    counted: Counter[str] = Counter()
    examples: dict[str, str] = {}
    for stack in sorted({*before, *after}):
        if stack not in before or stack not in after:
            broken.append(f"{stack}: {'removed' if stack in before else 'added'}")
            continue
        old, new = (_read(side[stack]) for side in (before, after))
        broken += [f"{stack}: {line}" for line in _addresses(old, new)]
        for found in differences(json.dumps(old).encode(), json.dumps(new).encode()):
            parts = found.path.split(".")
            if found.path.startswith(KNOWN):
                broken.append(f"{stack}: {found}")
            elif found.path != VERSION and not _whole(parts):
                argument = _argument(parts)
                counted[argument] += 1
                examples.setdefault(argument, f"{stack}: {found}")
    return Verdict(
        broken=tuple(broken),
        arguments=dict(sorted(counted.items())),
        examples=examples,
        stacks=len({*before, *after}),
    )


def _read(document: bytes) -> Any:  # noqa: ANN401 (any JSON)
    """Return `document` without metadata, with the providers' sources in full.

    A source without a namespace is HashiCorp's
    (https://developer.hashicorp.com/terraform/language/providers/requirements#source-addresses).
    """
    read = _without_metadata(json.loads(document))
    for provider in read.get("terraform", {}).get("required_providers", {}).values():
        if "/" not in provider.get("source", "/"):
            provider["source"] = f"hashicorp/{provider['source']}"
    return read


def _without_metadata(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {key: _without_metadata(item) for key, item in value.items() if key != METADATA}
    if isinstance(value, list):
        return [_without_metadata(item) for item in value]
    return value


def _addresses(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each resource and data source that only one side has."""
    for block in ("resource", "data"):
        sides = [
            {f"{kind}.{name}" for kind, named in side.get(block, {}).items() for name in named}
            for side in (old, new)
        ]
        yield from (f"{block} {address}: removed" for address in sorted(sides[0] - sides[1]))
        yield from (f"{block} {address}: added" for address in sorted(sides[1] - sides[0]))


def _whole(parts: list[str]) -> bool:
    """Whether a difference is of a whole resource, or of all of a type: its address is reported."""
    return parts[0] in {"resource", "data"} and len(parts) <= len(("resource", "type", "name"))


def _argument(parts: list[str]) -> str:
    """Return an argument without the name of the resource that has it, and without places in lists."""
    named = [parts[1], *parts[3:]] if parts[0] in {"resource", "data"} else parts
    return ".".join(INDICES if part.isdecimal() else part for part in named)
