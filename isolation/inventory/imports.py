"""Judges what import blocks take into a stack's state: what it is from then on, this stack changes and destroys.

https://developer.hashicorp.com/terraform/language/import
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from isolation.catalogue.arns import ARNS, QUEUE_URL
from isolation.synthesized.input_error import shown
from isolation.synthesized.json_blocks import as_list
from isolation.synthesized.stack import SynthesizedStack

_TO: Final = re.compile(r"(?:\$\{)?([a-z0-9_]+)\.([A-Za-z0-9_-]+)\}?")


def unknown_imports(stack: SynthesizedStack, document: Mapping[str, Any]) -> Iterator[tuple[str | None, str]]:
    """Return the import blocks of `stack` that may take in what is another's, with the owner of the resource.

    What is harmless is a resource under the very name that the stack gives it. An id that AWS made up may be anybody's.
    """
    for block in as_list(document.get("import")):
        if not isinstance(block, dict) or not block:
            continue
        match = _TO.fullmatch(str(block.get("to")))
        resource = stack.resources.get((match[1], match[2])) if match else None
        if resource is None:
            yield (
                stack.owner,
                f"{stack.id}: import into {shown(block.get('to'))}, which the stack does not declare",
            )
            continue
        names = set()
        if resource.type in ARNS and ARNS[resource.type][1] in resource.body:
            name = stack.name_of(resource)
            names = {name, stack.arn(resource), stack.filled(QUEUE_URL, resource, name=name)}
        extra = set(block) - {"to", "id", "//"}
        if extra or not isinstance(block.get("id"), str) or stack.text(block["id"]) not in names:
            what = f"{shown(block.get('id'))}, which may be another owner's"
            yield resource.owner, f"{resource.address}: import takes in {what}"
