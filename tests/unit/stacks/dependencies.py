"""What Terraform destroys after what, from the references in a stack's JSON."""

from __future__ import annotations

import re

from tests.synthesis import SynthesizedStack, strings


def needs(stack: SynthesizedStack, address: str) -> set[str]:
    """Return the addresses that the resource `address` refers to or depends on, directly or not."""
    known = set(stack.addresses)
    found: set[str] = set()
    todo = [address]
    while todo:
        kind, name = todo.pop().split(".")
        body = stack.all(kind)[name]
        for text in strings({key: value for key, value in body.items() if key != "//"}):
            named = {f"{kind}.{name}" for kind, name in re.findall(r"(aws_\w+)\.([\w-]+)", text)}
            new = (named & known) - found
            found |= new
            todo += new
    return found


def outlives(stack: SynthesizedStack, one: str, other: str) -> bool:
    """Whether Terraform destroys the resource `one` only after `other` is gone."""
    return one in needs(stack, other)
