"""What is not modelled about a resource: its type, or an argument that is neither read nor known to be inert."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from isolation.catalogue.arguments.listed import LISTED
from isolation.catalogue.arguments.uses import Use
from isolation.catalogue.arguments.values import ONE_OF, VALUES
from isolation.catalogue.kinds import KIND_OF
from isolation.catalogue.resource_types import INERT, MODELLED
from isolation.synthesized.arguments import arguments_of
from isolation.synthesized.json_blocks import as_list
from isolation.synthesized.reading import TENANT_TAGS
from isolation.synthesized.stack import SynthesizedResource

_IGNORED: Final = "lifecycle.ignore_changes"
_WITHOUT_CASE: Final = frozenset(name.lower() for name in TENANT_TAGS)


def gaps_of(resource: SynthesizedResource) -> Iterator[str]:
    """Return what is not modelled about `resource`, each as a line that begins with its address."""
    if resource.type not in KIND_OF and resource.type not in MODELLED and resource.type not in INERT:
        yield f"{resource.address}: resource type {resource.type}"
        return
    yield from _tags(resource)
    uses = LISTED[resource.type]
    arguments = list(arguments_of(resource))
    expected = ONE_OF.get(resource.type)
    if expected and expected.isdisjoint(path for path, _ in arguments):
        yield f"{resource.address}: no argument {' or '.join(sorted(expected))}"
    for path, value in arguments:
        if path not in uses:
            yield f"{resource.address}: argument {path} is in no list of the catalogue"
        elif uses[path] is Use.UNMODELLED and not (path == "provider" and value == "aws"):
            yield f"{resource.address}: argument {path} is not modelled"
        elif path == _IGNORED:
            yield from _ignored(resource, value, uses)
        elif (resource.type, path) in VALUES:
            yield from _valued(resource, path, value)


def _tags(resource: SynthesizedResource) -> Iterator[str]:
    """Return why it is not known whose `resource` is."""
    own = resource.body.get("tags")
    if own is not None and not isinstance(own, dict):
        yield f"{resource.address}: tags that are known at deployment"
    if any("${" in text or "%{" in text for text in (*resource.tags, *resource.tags.values())):
        yield f"{resource.address}: a tag that is known at deployment"
    known = {resource.tags[tag] for tag in TENANT_TAGS if resource.tags.get(tag)}
    if len(known) > 1:
        yield f"{resource.address}: tags of more than one tenant, {' and '.join(sorted(known))}"
    # IAM compares the keys of tags without regard to case.
    written = {tag for tag in resource.tags if tag.lower() in _WITHOUT_CASE}
    if written - set(TENANT_TAGS):
        yield f"{resource.address}: tag {min(written - set(TENANT_TAGS))}, expected {' or '.join(TENANT_TAGS)}"


def _valued(resource: SynthesizedResource, path: str, value: object) -> Iterator[str]:
    """Return the values that an argument has beside those that are harmless."""
    for item in as_list(value):
        if not isinstance(item, str | bool) or item not in VALUES[resource.type, path]:
            yield f"{resource.address}: argument {path} is {item!r}, which is not modelled"


def _ignored(resource: SynthesizedResource, value: object, uses: Mapping[str, Use]) -> Iterator[str]:
    """Return the arguments that may be deployed with another value than the written one, unless they are inert."""
    for name in as_list(value):
        start = re.split(r"[.\[]", str(name))[0]
        if not all(use.inert for path, use in uses.items() if path.split(".")[0] == start) or start == "all":
            yield f"{resource.address}: argument {_IGNORED} names {name}, which may be deployed otherwise"
