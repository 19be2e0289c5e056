"""The arguments of a resource with their paths: `block.argument`, whichever of several blocks it is in."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from isolation.catalogue.arguments.listed import LISTED
from isolation.synthesized.json_blocks import as_list
from isolation.synthesized.stack import SynthesizedResource


def arguments_of(resource: SynthesizedResource) -> Iterator[tuple[str, Any]]:
    """Return path and value of each argument that `resource` sets, those that no list has included."""
    return paths_in(resource.body, _PATHS.get(resource.type, frozenset()))


def paths_in(body: Mapping[str, Any], known: Collection[str], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Return path and value of each argument in `body`.

    Args:
        body: the arguments and blocks.
        known: the paths of arguments and of the blocks around them. An argument may be an object, whose keys are
            not arguments (tags); a block's keys are.
        prefix: the path of the block that `body` is, with a dot.
    """
    for name, value in body.items():
        path = f"{prefix}{name}"
        if value is None:
            continue
        if f"{path}." not in known:
            yield path, value
            continue
        for block in as_list(value):
            if isinstance(block, dict):
                yield from paths_in(block, known, f"{path}.")
            elif block is not None:
                yield path, block


def with_blocks(paths: Collection[str]) -> frozenset[str]:
    """Return `paths` and, with a dot at the end, the path of each block that one of them is in."""
    blocks = {
        ".".join(parts[:length]) + "."
        for parts in (path.split(".") for path in paths)
        for length in range(1, len(parts))
    }
    return frozenset({*paths, *blocks})


_PATHS: Final = {type_: with_blocks(uses) for type_, uses in LISTED.items()}
