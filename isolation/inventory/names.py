"""Finds a resource by what others name it by: its name, its ARN or its URL."""

from __future__ import annotations

from typing import Final

from isolation.catalogue.arns import QUEUE_URL
from isolation.catalogue.kinds import KIND_OF
from isolation.synthesized.stack import SynthesizedResource, SynthesizedStack

_NAMED_TOO: Final = frozenset({"aws_cloudwatch_event_bus", "aws_iam_instance_profile", "aws_iam_policy"})
"""Types that are no targets but that others name."""


class Names:
    """The names of all resources, across stacks, as AWS resolves them."""

    def __init__(self, stacks: list[SynthesizedStack]) -> None:
        self._named: dict[tuple[str, str], tuple[SynthesizedStack, SynthesizedResource]] = {}
        for stack in stacks:
            for resource in stack.resources.values():
                self._add(stack, resource)

    def _add(self, stack: SynthesizedStack, resource: SynthesizedResource) -> None:
        if resource.type in KIND_OF or resource.type in _NAMED_TOO:
            name = stack.name_of(resource)
            names = [stack.arn(resource), name]
            if resource.type == "aws_sqs_queue":
                names.append(stack.filled(QUEUE_URL, resource, name=name))
            for found in names:
                self._named[resource.type, found] = (stack, resource)

    def declared(self, type_: str, name: str) -> tuple[SynthesizedStack, SynthesizedResource] | None:
        """Return the resource of `type_` that goes by `name`, with its stack."""
        return self._named.get((type_, name))

    def find(self, stack: SynthesizedStack, type_: str, value: object) -> SynthesizedResource | None:
        """Return the resource of `type_` that the argument `value` of a resource in `stack` names."""
        text = stack.text(value) if isinstance(value, str) else ""
        found = self.declared(type_, text) or self.declared(type_, text.removesuffix(":$LATEST"))
        return found[1] if found else None
